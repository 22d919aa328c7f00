import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../test/support/api.ts';
import type { ControlPlane } from '../../test/control-plane/start.ts';
import { readRequestCounts, requestsBetween } from './api-metrics.ts';
import type { RequestCount } from './api-metrics.ts';
import { cpuSecondsOf, machineCpuSeconds } from './usage.ts';

/** CPU seconds by whom, in a window of time. */
export interface CpuUse {
  apiserver: number;
  etcd: number;
  /** What is measured: the operator's process or the floor's thread. */
  client: number;
  /** Everybody else on the machine, the bench's own watch left out: what disturbed the measurement. */
  others: number;
}

/** A window of time in which the API server, etcd and the machine are watched from outside. */
export interface Window {
  /** Length so far, in seconds. */
  seconds(): number;
  /** CPU used since the window was opened; `client` is what its measured client says it used itself. */
  cpu(client: { pid: number } | { threadSeconds: number }): Promise<CpuUse>;
  /** Requests since the window was opened, of all clients. */
  requests(): Promise<RequestCount[]>;
}

/** The API server's counts of requests now. Rendering them costs the server some CPU: not within what is timed. */
export async function requestCounts(api: Api): Promise<RequestCount[]> {
  const { status, body } = await api.raw('GET', '/metrics', { headers: { accept: 'text/plain' } });
  if (status !== 200 || typeof body !== 'string') throw new Error(`GET /metrics: ${status}`);
  return readRequestCounts(body);
}

export async function openWindow(api: Api, controlPlane: ControlPlane): Promise<Window> {
  const countsBefore = await requestCounts(api);
  const usage = async () => {
    const { apiserver, etcd } = controlPlane.pids();
    if (apiserver === undefined) throw new Error('the API server has stopped');
    const [machine, api, store, bench] = await Promise.all([
      machineCpuSeconds(),
      cpuSecondsOf(apiserver),
      cpuSecondsOf(etcd),
      cpuSecondsOf(process.pid),
    ]);
    return { machine, apiserver: api, etcd: store, bench };
  };
  const before = await usage();
  const start = performance.now();
  return {
    seconds: () => (performance.now() - start) / 1000,
    async cpu(client) {
      const after = await usage();
      const apiserver = after.apiserver - before.apiserver;
      const etcd = after.etcd - before.etcd;
      // The floor's thread is part of the bench's process; the operator's process started within the window.
      const ofProcess = 'pid' in client ? await cpuSecondsOf(client.pid) : 0;
      const known = apiserver + etcd + ofProcess + after.bench - before.bench;
      const others = Math.max(0, after.machine - before.machine - known);
      return { apiserver, etcd, client: 'pid' in client ? ofProcess : client.threadSeconds, others };
    },
    requests: async () => requestsBetween(countsBefore, await requestCounts(api)),
  };
}

const IDLE_SHARE = 0.15;
const IDLE_TIMEOUT_MS = 20_000;

/**
 * Resolves when the API server has used little CPU for a second: seeding and lists leave it with garbage to collect, which
 * is nobody's measure. After 20 seconds it resolves anyway.
 */
export async function untilIdle(controlPlane: ControlPlane, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const cpu = async (): Promise<number> => {
    const { apiserver } = controlPlane.pids();
    return apiserver === undefined ? 0 : await cpuSecondsOf(apiserver);
  };
  for (let before = await cpu(); performance.now() - start < IDLE_TIMEOUT_MS;) {
    await sleep(1000, undefined, { signal });
    const now = await cpu();
    if (now - before < IDLE_SHARE) return;
    before = now;
  }
}

const QUIET_CORES = 0.15;
const QUIET_SECONDS = 10;

/**
 * Resolves when the rest of the machine has left it alone for ten seconds, or when the time is up.
 * @param timeoutMinutes how long to wait at most; 0: not at all
 * @returns whether the machine is quiet
 */
export async function untilMachineQuiet(
  controlPlane: ControlPlane,
  timeoutMinutes: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMinutes * 60_000;
  let quietSeconds = 0;
  let before = await othersCpuSeconds(controlPlane);
  while (quietSeconds < QUIET_SECONDS && performance.now() < deadline) {
    await sleep(1000, undefined, { signal });
    const now = await othersCpuSeconds(controlPlane);
    quietSeconds = now - before < QUIET_CORES ? quietSeconds + 1 : 0;
    before = now;
  }
  return quietSeconds >= QUIET_SECONDS;
}

/** CPU seconds so far of everything that is neither the control plane nor the bench. */
async function othersCpuSeconds(controlPlane: ControlPlane): Promise<number> {
  const { apiserver, etcd } = controlPlane.pids();
  const own = [etcd, process.pid, ...(apiserver === undefined ? [] : [apiserver])];
  const [machine, ...used] = await Promise.all([machineCpuSeconds(), ...own.map(cpuSecondsOf)]);
  return machine - used.reduce((sum, seconds) => sum + seconds, 0);
}
