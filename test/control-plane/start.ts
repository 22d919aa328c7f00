import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureBinaries, versionOf } from './build.ts';
import type { BuildOptions } from './build.ts';
import { kubeconfigText, writeCredentials } from './credentials.ts';
import type { Credentials, TokenUser } from './credentials.ts';
import { logPath, startDaemon, startWatchdog } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { apiserverArgs, etcdArgs } from './flags.ts';
import type { ApiserverOptions } from './flags.ts';
import { freePorts } from './ports.ts';
import { waitUntilReady } from './ready.ts';

const PORT_ATTEMPTS = 3;
const READY_TIMEOUT_MS = 90_000;

export interface ControlPlaneOptions extends BuildOptions, ApiserverOptions {
  /** Port of the API server; a free one when absent. */
  port?: number;
  /**
   * Folder for data, keys, logs and kubeconfig, kept by stop(); start again on it to find the objects again.
   * A temporary one, removed by stop(), when absent.
   */
  dataDir?: string;
  /** Users besides the administrator; without rights until RBAC gives them some. */
  users?: readonly TokenUser[];
}

export interface ControlPlane {
  /** Kubernetes version that runs, such as `v1.36.3`. */
  readonly version: string;
  /** `https://127.0.0.1:PORT`; stays the same when the API server is restarted. */
  readonly url: string;
  /** Path of a kubeconfig with administrator's rights (group system:masters). */
  readonly kubeconfig: string;
  /** Path of the certificate authority, PEM. */
  readonly caFile: string;
  /** The administrator's bearer token. */
  readonly token: string;
  /** Folder with everything of this control plane. */
  readonly dir: string;
  readonly logs: { readonly apiserver: string; readonly etcd: string; readonly audit: string };
  /** Process ids now; apiserver is undefined while the API server is stopped. */
  pids(): { etcd: number; apiserver: number | undefined };
  /** Stops the API server only; its data stay. SIGKILL for a crash. */
  stopApiserver(signal?: NodeJS.Signals): Promise<void>;
  /** Stops the API server if it runs and starts it on the same port and data; options given replace the earlier ones. */
  restartApiserver(options?: ApiserverOptions): Promise<void>;
  /** Ends both processes and removes the folder (unless it was given as dataDir). May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts etcd and kube-apiserver on loopback and resolves when `/readyz` says ok.
 *
 * Both end with this process, however it ends. There is no controller manager: nobody collects garbage by owner
 * references, finishes the deletion of namespaces or makes `default` ServiceAccounts.
 * Rejects with the end of the log of the process that failed.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await ensureBinaries(options);
  const version = await versionOf(binaries.kubeApiserver);
  const dir = options.dataDir === undefined ? await temporaryDir() : resolve(options.dataDir);
  await mkdir(dir, { recursive: true });
  const watchdog = startWatchdog(dir, options.dataDir === undefined ? dir : undefined);
  let etcd: Daemon | undefined;
  let apiserver: Daemon | undefined;
  const shutDown = async (): Promise<void> => {
    // The API server gets no grace: it would wait for open watches, and its data are all in etcd.
    await apiserver?.stop('SIGKILL');
    await etcd?.stop(options.dataDir === undefined ? 'SIGKILL' : 'SIGTERM');
    if (options.dataDir === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    dismiss(watchdog);
  };
  try {
    const credentials = await writeCredentials(dir, options.users);
    const started = await startEtcd(binaries.etcd, dir);
    etcd = started.etcd;
    const etcdPid = etcd.pid;
    let apiserverOptions: ApiserverOptions = options;
    let port = options.port;
    const launch = async (): Promise<void> => {
      const place = { etcdUrl: started.etcdUrl, port, options: apiserverOptions };
      ({ daemon: apiserver, port } = await startApiserver(binaries.kubeApiserver, dir, credentials, place));
    };
    await launch();
    const url = `https://127.0.0.1:${String(port)}`;
    const kubeconfig = join(dir, 'kubeconfig');
    const ca = await readFile(credentials.caFile, 'utf8');
    await writeFile(kubeconfig, kubeconfigText({ server: url, ca, token: credentials.token }), {
      mode: 0o600,
    });
    let stopped: Promise<void> | undefined;
    return {
      version,
      url,
      kubeconfig,
      caFile: credentials.caFile,
      token: credentials.token,
      dir,
      logs: {
        apiserver: logPath(dir, 'kube-apiserver'),
        etcd: logPath(dir, 'etcd'),
        audit: join(dir, 'audit.log'),
      },
      pids: () => ({ etcd: etcdPid, apiserver: apiserver?.isRunning() ? apiserver.pid : undefined }),
      async stopApiserver(signal) {
        await apiserver?.stop(signal);
      },
      async restartApiserver(changed) {
        if (stopped) throw new Error('the control plane has been stopped');
        apiserverOptions = { ...apiserverOptions, ...changed };
        await apiserver?.stop();
        await launch();
      },
      stop: () => (stopped ??= shutDown()),
    };
  } catch (error) {
    await shutDown();
    throw error;
  }
}

async function temporaryDir(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'audit-policy-control-plane-'));
}

function dismiss(watchdog: ChildProcess): void {
  watchdog.kill('SIGKILL');
  watchdog.stdin?.destroy();
}

async function startEtcd(path: string, dir: string): Promise<{ etcd: Daemon; etcdUrl: string }> {
  return await withFreePorts(2, logPath(dir, 'etcd'), async ([client = 0, peer = 0]) => {
    const etcdUrl = `http://127.0.0.1:${String(client)}`;
    const etcd = await startDaemon('etcd', path, etcdArgs(join(dir, 'etcd'), etcdUrl, peer), dir);
    await waitUntilReady(etcd, 'etcd', {
      url: `${etcdUrl}/readyz`,
      timeoutMs: READY_TIMEOUT_MS,
      log: logPath(dir, 'etcd'),
    });
    return { etcd, etcdUrl };
  });
}

interface Launch {
  etcdUrl: string;
  port: number | undefined;
  options: ApiserverOptions;
}

async function startApiserver(
  path: string,
  dir: string,
  credentials: Credentials,
  { etcdUrl, port: fixedPort, options }: Launch,
): Promise<{ daemon: Daemon; port: number }> {
  const log = logPath(dir, 'kube-apiserver');
  const start = async (port: number): Promise<{ daemon: Daemon; port: number }> => {
    const args = apiserverArgs({ etcdUrl, port, credentials, auditLog: join(dir, 'audit.log') }, options);
    const daemon = await startDaemon('kube-apiserver', path, args, dir);
    await waitUntilReady(daemon, 'kube-apiserver', {
      url: `https://127.0.0.1:${String(port)}/readyz`,
      token: credentials.token,
      caFile: credentials.caFile,
      timeoutMs: READY_TIMEOUT_MS,
      log,
    });
    return { daemon, port };
  };
  if (fixedPort !== undefined) return await start(fixedPort);
  return await withFreePorts(1, log, ([port = 0]) => start(port));
}

/** Another process may take a free port before we listen on it: try again with others. */
async function withFreePorts<T>(
  count: number,
  log: string,
  start: (ports: number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePorts(count));
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('address already in use');
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
      await rm(log, { force: true });
    }
  }
}
