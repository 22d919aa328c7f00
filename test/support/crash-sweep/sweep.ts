import { FaultProxy } from '../fault-proxy/index.ts';
import type { Api } from '../api.ts';
import type { BuiltProgram } from '../operator-process.ts';
import { run, type Lab, type Run } from './run.ts';
import type { CrashScenario } from './scenarios.ts';

/** What a sweep has found. */
export interface Sweep {
  readonly undisturbed: Run;
  /** One for each k, in the order of k. */
  readonly disturbed: readonly Run[];
}

/** Labs for this many runs at the same time on one API server; `close` ends their proxies. */
export async function openLabs(
  api: Api,
  program: BuiltProgram,
  kubeconfig: string,
  count: number,
): Promise<{ labs: Lab[]; close: () => Promise<void> }> {
  const proxies = await Promise.all(Array.from({ length: count }, () => FaultProxy.start(kubeconfig)));
  return {
    labs: proxies.map((proxy) => ({ api, program, proxy })),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

/**
 * Kills the operator after its 1st, 2nd, 3rd ... write, in a run of its own each, until a run needs no more writes than that. Each
 * must end as the undisturbed run does.
 * @throws Error with what differs, for each run that ended otherwise
 */
export async function sweep(labs: readonly Lab[], scenario: CrashScenario, clusters: number): Promise<Sweep> {
  const undisturbed = await runUndisturbed(labs, scenario, clusters);
  const disturbed = new Map<number, Run>();
  // A restarted process may need a write or two more than were left; a loop needs ever more.
  const most = undisturbed.writes * 2 + 5;
  const progress = { next: 1, isSwept: false };
  await sideBySide(labs, async (lab) => {
    if (progress.isSwept || progress.next > most) return false;
    const k = progress.next++;
    const result = await run(lab, scenario, { clusters, kills: [k], expected: undisturbed.state });
    if (result.killedAfter.length === 0) progress.isSwept = true;
    else disturbed.set(k, result);
    return true;
  });
  if (!progress.isSwept) throw new Error(`${scenario.name}: still writing after ${most} writes`);
  return { undisturbed, disturbed: [...disturbed].sort(([a], [b]) => a - b).map(([, each]) => each) };
}

/**
 * Kills the operator after each of these writes, in a run of its own each; the scenario alone says what the end must be.
 * @returns how often it was killed
 * @throws Error with what differs, for each run that ended otherwise
 */
export async function killAfterEach(
  labs: readonly Lab[],
  scenario: CrashScenario,
  clusters: number,
  ks: readonly number[],
): Promise<number> {
  const waiting = [...ks];
  let killed = 0;
  await sideBySide(labs, async (lab) => {
    const k = waiting.shift();
    if (k === undefined) return false;
    const { killedAfter } = await run(lab, scenario, { clusters, kills: [k] });
    killed += killedAfter.length;
    return true;
  });
  return killed;
}

/** The run that the others are held against. */
export async function runUndisturbed(
  [lab]: readonly Lab[],
  scenario: CrashScenario,
  clusters: number,
): Promise<Run> {
  if (lab === undefined) throw new RangeError('a sweep needs a lab');
  return run(lab, scenario, { clusters, kills: [] });
}

/**
 * Lets each lab do one thing after the other until it answers false.
 * @throws Error with all failures, once every lab is free
 */
export async function sideBySide(labs: readonly Lab[], next: (lab: Lab) => Promise<boolean>): Promise<void> {
  const failures: string[] = [];
  await Promise.all(
    labs.map(async (lab) => {
      for (;;) {
        try {
          if (!(await next(lab))) return;
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error));
        }
      }
    }),
  );
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
