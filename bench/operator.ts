import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { logPath, startDaemon } from '../test/control-plane/daemon.ts';
import { REPO_ROOT } from '../test/control-plane/paths.ts';
import type { ControlPlane } from '../test/control-plane/start.ts';

/** The bundled operator, running. */
export interface Operator {
  readonly pid: number;
  /** @throws Error with the end of its log when it no longer runs */
  assertRunning(): Promise<void>;
  /** All that it logged, warnings and worse. */
  log(): Promise<string>;
  /** Ends it as Kubernetes would, and kills it when it does not end by itself. */
  stop(): Promise<void>;
}

/** Bundles the program, so that what is measured is what the sources say. */
export async function buildOperator(): Promise<void> {
  await promisify(execFile)(process.execPath, ['build.mjs'], { cwd: REPO_ROOT });
}

const NAME = 'audit-policy-operator';

/**
 * Starts the bundled program on one namespace. It dies with this process, however that ends: its pid lies where the
 * control plane's watchdog looks.
 * @param cpuProf folder for a CPU profile, written when it ends
 */
export async function startOperator(
  controlPlane: ControlPlane,
  namespace: string,
  cpuProf?: string,
): Promise<Operator> {
  const profile = cpuProf === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(cpuProf)}`];
  const program = join(REPO_ROOT, 'bin', 'audit-policy-operator.mjs');
  const flags = [
    '--kubeconfig',
    controlPlane.kubeconfig,
    '--watch-namespace',
    namespace,
    '--log-level',
    'warn',
  ];
  const args = [...profile, program, 'manager', ...flags];
  const daemon = await startDaemon(NAME, process.execPath, args, controlPlane.dir);
  const log = (): Promise<string> => readFile(logPath(controlPlane.dir, NAME), 'utf8');
  return {
    pid: daemon.pid,
    async assertRunning() {
      if (!daemon.isRunning())
        throw new Error(`the operator has ended; its log ends:\n${(await log()).slice(-4000)}`);
    },
    log,
    stop: () => daemon.stop(),
  };
}
