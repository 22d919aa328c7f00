import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { endState, type EndState } from '../end-state.ts';
import { eventually } from '../eventually.ts';
import type { FaultProxy } from '../fault-proxy/index.ts';
import { fleet } from '../fleet.ts';
import { fluxStandIn } from '../flux-stand-in.ts';
import { dig } from '../json.ts';
import { coreEvents } from '../kinds.ts';
import { createNamespace } from '../namespace.ts';
import { OperatorProcess, type BuiltProgram } from '../operator-process.ts';
import type { CrashScenario, World } from './scenarios.ts';

/** Where runs take place: one API server, and a way to it that no other run uses at the same time. */
export interface Lab {
  readonly api: Api;
  readonly program: BuiltProgram;
  readonly proxy: FaultProxy;
}

/** What one run was. */
export interface Run {
  readonly state: EndState;
  /** Writes from the change on, Events left out. */
  readonly writes: number;
  /** The writes after which the operator was killed: fewer than were asked for when it had no more to do. */
  readonly killedAfter: readonly string[];
  /** Warning Events, as `reason of object`: nothing is wrong, so nobody should be called. */
  readonly warnings: readonly string[];
}

export interface RunOptions {
  readonly clusters: number;
  /**
   * `[k]`: SIGKILL when the API server has done the k-th write, before the operator hears of it; `[k, j]`: and again after the j-th
   * of the process that was started next.
   */
  readonly kills: readonly number[];
  /** What the end must be; without it only the scenario says what it is. */
  readonly expected?: EndState;
}

/** For so long nothing may be written before a run counts as over. */
const QUIET_MS = 500;
const END_WITHIN_MS = 30_000;

/**
 * Carries out one scenario in a namespace of its own, with the real program as a process, killed as asked for and started again at once.
 * @throws AssertionError when the end is not the expected one
 */
export async function run(
  { api, program, proxy }: Lab,
  scenario: CrashScenario,
  { clusters, kills, expected }: RunOptions,
): Promise<Run> {
  const namespace = await createNamespace(api, 'crash');
  const names = Array.from({ length: clusters }, (_, index) => `c${index}`);
  const world: World = { api, fleet: fleet(api, namespace), clusters: names };
  const start = () => new OperatorProcess(program, proxy.kubeconfig, namespace, scenario.args);
  const flux = fluxStandIn(api).run({ namespace, intervalMs: 100 });
  let operator = start();
  const killedAfter: string[] = [];
  let writes = 0;
  let writesOfProcess = 0;
  let restarted = Promise.resolve();
  try {
    await eventually(() => isReady(operator), { timeoutMs: END_WITHIN_MS });
    await scenario.arrange(world);
    await quiet(proxy);
    proxy.onWriteAnswered = async ({ kind, name, method, subresource, path }) => {
      if (kind === 'events') return undefined;
      writes += 1;
      writesOfProcess += 1;
      if (writesOfProcess !== kills[killedAfter.length]) return undefined;
      killedAfter.push([method, kind, name ?? path, subresource].filter(Boolean).join(' '));
      const killed = operator.kill();
      writesOfProcess = 0;
      restarted = killed.then(async () => {
        await scenario.whileDown?.(world);
        operator = start();
      });
      await killed;
      return 'reset';
    };
    await scenario.act(world);
    const isOver = async () => {
      await restarted;
      isReady(operator);
      if (scenario.whileDown) assert.equal(killedAfter.length, kills.length);
      if (expected === undefined) return scenario.isDone(world);
      assert.deepEqual(await endState(api, namespace), expected);
    };
    // The last write of all can bring the expected end and the kill; then the next process must leave it so.
    for (let looked: OperatorProcess | undefined; looked !== operator;) {
      await eventually(isOver, { timeoutMs: END_WITHIN_MS, intervalMs: 150 });
      looked = operator;
      await quiet(proxy);
      // A kill just now: the next process is not there yet.
      await restarted;
    }
    await isOver();
    const state = await endState(api, namespace);
    const warnings = await warningsIn(api, namespace);
    return { state, writes, killedAfter, warnings };
  } catch (error) {
    const story = `${scenario.name}, ${clusters} clusters, killed after ${killedAfter.join(', then ') || 'nothing'}`;
    throw new Error(`${story}\n${String(error)}\n${operator.out.slice(-3000)}${operator.err}`, {
      cause: error,
    });
  } finally {
    proxy.onWriteAnswered = undefined;
    await restarted;
    await operator.kill();
    await flux.stop();
  }
}

function isReady(operator: OperatorProcess): void {
  assert.ok(operator.log().some(({ msg }) => msg === 'ready'));
}

async function warningsIn(api: Api, namespace: string): Promise<string[]> {
  const all = await api.list(coreEvents(namespace), { fieldSelector: 'type=Warning' });
  return all.map((event) => `${String(event.reason)} of ${String(dig(event, 'involvedObject', 'name'))}`);
}

/** Resolves when no write has passed for a while. */
async function quiet(proxy: FaultProxy): Promise<void> {
  for (;;) {
    const before = proxy.writes.length;
    await sleep(QUIET_MS);
    if (proxy.writes.length === before) return;
  }
}
