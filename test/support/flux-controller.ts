import { readFile } from 'node:fs/promises';
import { startDaemon, logPath } from '../control-plane/daemon.ts';
import { freePorts } from '../control-plane/ports.ts';
import { waitUntilReady } from '../control-plane/ready.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { ensureTools } from '../tools/build.ts';

/** Flux' helm-controller, the real one. */
export interface HelmController {
  /** What it has logged so far. */
  log(): Promise<string>;
  /** Ends it; may be called twice. */
  stop(): Promise<void>;
}

const NAME = 'helm-controller';

/** Starts helm-controller with administrator's rights on all namespaces. It ends with its control plane's processes. */
export async function startHelmController({ dir, kubeconfig }: ControlPlane): Promise<HelmController> {
  const { helmController } = await ensureTools();
  const [port = 0] = await freePorts(1);
  const args = [
    `--health-addr=127.0.0.1:${String(port)}`,
    '--metrics-addr=0',
    '--min-retry-delay=200ms',
    '--graceful-shutdown-timeout=5s',
  ];
  const env = { HOME: dir, TMPDIR: dir, KUBECONFIG: kubeconfig };
  const daemon = await startDaemon(NAME, helmController, args, dir, env);
  const log = logPath(dir, NAME);
  await waitUntilReady(daemon, NAME, {
    url: `http://127.0.0.1:${String(port)}/readyz`,
    timeoutMs: 60_000,
    log,
  });
  return { log: () => readFile(log, 'utf8'), stop: () => daemon.stop() };
}
