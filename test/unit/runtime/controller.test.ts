import { Controller } from '../../../src/runtime/controller.ts';
import type {
  ControllerOptions,
  Reconcile,
  ReconcileFailure,
  ReconcileOutcome,
  ReconcileResult,
} from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

function start(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const clock = new FakeClock();
  const queue = new WorkQueue({ clock, random: () => 0 });
  const failures: ReconcileFailure[] = [];
  const outcomes: ReconcileOutcome[] = [];
  const controller = new Controller({
    name: 'test',
    queue,
    workers: 2,
    reconcile,
    clock,
    onFailure: (failure) => failures.push(failure),
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  });
  const stop = new AbortController();
  const stopNow = new AbortController();
  const running = controller.run(stop.signal, stopNow.signal);
  return { clock, queue, failures, outcomes, controller, stop, stopNow, running };
}

async function end({ running, stop }: { stop: AbortController; running: Promise<void> }): Promise<void> {
  stop.abort();
  await running;
}

class Asked extends Error {
  readonly retry: string;
  readonly retryAfterMs: number | undefined;

  constructor(retry: string, retryAfterMs?: number) {
    super(retry);
    this.retry = retry;
    this.retryAfterMs = retryAfterMs;
  }
}

describe('Controller', () => {
  test('works on different keys at a time, on one key never twice', async () => {
    const active = new Map<string, number>();
    const seen: string[] = [];
    let most = 0;
    const run = start(async (key) => {
      active.set(key, (active.get(key) ?? 0) + 1);
      expect(active.get(key)).toBe(1);
      most = Math.max(
        most,
        [...active.values()].reduce((sum, n) => sum + n, 0),
      );
      await settle();
      active.set(key, 0);
      seen.push(key);
    });
    for (const key of ['a', 'b', 'a', 'c']) run.queue.add(key);
    await Promise.resolve();
    run.queue.add('a');
    for (let turn = 0; turn < 6; turn += 1) await settle();
    expect([seen.sort(), most]).toEqual([['a', 'a', 'b', 'c'], 2]);
    await end(run);
  });

  test('comes back when a reconcile asks to, without counting a failure', async () => {
    const at: number[] = [];
    const run = start((): Promise<ReconcileResult | undefined> => {
      at.push(run.clock.monotonic());
      return Promise.resolve(at.length < 3 ? { requeueAfterMs: 1000 } : undefined);
    });
    run.queue.add('a');
    await run.clock.advance(10_000);
    expect(at).toEqual([0, 1000, 2000]);
    expect(run.outcomes.map(({ outcome, requeueAfterMs }) => [outcome, requeueAfterMs])).toEqual([
      ['requeued', 1000],
      ['requeued', 1000],
      ['done', undefined],
    ]);
    expect(run.queue.failures('a')).toBe(0);
    await end(run);
  });

  test('what is thrown is reported as it was, and tried again ever later until it works', async () => {
    const at: number[] = [];
    const error = new Error('not yet');
    const run = start((): Promise<undefined> => {
      at.push(run.clock.monotonic());
      if (at.length < 4) throw error;
      return Promise.resolve(undefined);
    });
    run.queue.add('a');
    await run.clock.advance(1000);
    expect(at).toEqual([0, 5, 15, 35]);
    expect(run.failures.map(({ retryInMs, failures }) => [retryInMs, failures])).toEqual([
      [5, 1],
      [10, 2],
      [20, 3],
    ]);
    expect(run.failures[0]!.error).toBe(error);
    expect(run.queue.failures('a')).toBe(0);
    await end(run);
  });

  test('an error says how it wants to be retried', async () => {
    const at: number[] = [];
    const errors = [
      new Asked('after', 60_000),
      new Asked('backoff', 2000),
      new Asked('after'),
      new Asked('terminal'),
    ];
    const run = start((): Promise<undefined> => {
      at.push(run.clock.monotonic());
      return Promise.reject(errors[at.length - 1] ?? new Error('too often'));
    });
    run.queue.add('a');
    await run.clock.advance(600_000);
    expect(at).toEqual([0, 60_000, 62_000, 62_010]);
    expect(run.failures.map(({ retry, retryInMs }) => [retry, retryInMs])).toEqual([
      ['after', 60_000],
      ['backoff', 2000],
      ['backoff', 10],
      ['terminal', undefined],
    ]);
    await end(run);
  });

  test('an exception costs no worker, not even one that a callback throws', async () => {
    const seen: string[] = [];
    const run = start(
      (key) => {
        seen.push(key);
        throw new Error('bug');
      },
      {
        onFailure: () => {
          throw new Error('bad hook');
        },
      },
    );
    for (const key of ['a', 'b', 'c', 'd', 'e']) run.queue.add(key);
    await settle();
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
    await end(run);
  });

  test('a reconcile that takes too long has its signal aborted and is retried', async () => {
    const run = start((_, signal) => run.clock.sleep(1e9, signal), { reconcileTimeoutMs: 5000 });
    run.queue.add('a');
    await run.clock.advance(5000);
    expect(run.failures.map(({ error }) => (error as Error).message)).toEqual([
      'the reconcile took longer than 5000 ms',
    ]);
    run.stopNow.abort();
    await run.running;
  });

  test('a stop takes no new key and lets the work under way end', async () => {
    const seen: string[] = [];
    const run = start(
      async (key) => {
        await run.clock.sleep(3000);
        seen.push(key);
      },
      { workers: 1 },
    );
    run.queue.add('a');
    run.queue.add('b');
    await settle();
    run.stop.abort();
    await run.clock.advance(3000);
    await run.running;
    expect([seen, run.failures, run.clock.timers]).toEqual([['a'], [], 0]);
  });

  test('work that does not end in time after a stop is aborted', async () => {
    const run = start((_, signal) => run.clock.sleep(1e9, signal), { drainTimeoutMs: 4000 });
    run.queue.add('a');
    await settle();
    run.stop.abort();
    await run.clock.advance(3999);
    expect(run.controller.active).toBe(1);
    await run.clock.advance(1);
    await run.running;
    expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(['aborted']);
    expect(run.failures).toEqual([]);
  });

  test('the second signal aborts work under way at once', async () => {
    const run = start((_, signal) => run.clock.sleep(1e9, signal));
    run.queue.add('a');
    run.queue.add('b');
    await settle();
    run.stopNow.abort(new Error('lease lost'));
    await run.running;
    expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
    expect(run.clock.timers).toBe(0);
  });

  test('a key that was handed out when the second signal came is not begun', async () => {
    const seen: string[] = [];
    const run = start((key) => {
      seen.push(key);
      return Promise.resolve(undefined);
    });
    await settle();
    run.queue.add('a');
    run.stopNow.abort(new Error('lease lost'));
    await run.running;
    expect([seen, run.outcomes.map(({ outcome }) => outcome)]).toEqual([[], ['aborted']]);
  });

  test('run with a signal that is aborted already ends at once', async () => {
    const run = start(() => Promise.resolve(undefined));
    run.stop.abort();
    await run.running;
    const again = new Controller({
      name: 'again',
      queue: run.queue,
      workers: 3,
      reconcile: () => Promise.resolve(undefined),
      clock: run.clock,
    });
    await expect(again.run(AbortSignal.abort())).resolves.toBeUndefined();
  });
});
