import fc from 'fast-check';

import { WorkQueue } from '../../../src/runtime/workqueue.ts';
import type { WorkQueueOptions } from '../../../src/runtime/workqueue.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

function make(options: Partial<WorkQueueOptions> = {}): { clock: FakeClock; queue: WorkQueue } {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue({ clock, random: () => 0, ...options }) };
}

describe('WorkQueue', () => {
  test('hands out keys in the order they came, each once', async () => {
    const { queue } = make();
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    expect(queue.length).toBe(3);
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c']);
    expect(queue.length).toBe(0);
  });

  test('tells how long each key has waited, from when it could be handed out', async () => {
    const waited: number[] = [];
    const { clock, queue } = make({ onWaited: (ms) => waited.push(ms) });
    queue.add('a');
    queue.addAfter('b', 50);
    await clock.advance(20);
    queue.add('a');
    await queue.get();
    await clock.advance(40);
    await queue.get();
    expect(waited).toEqual([20, 10]);
  });

  test('a key added while it is worked on comes again after done, not before', async () => {
    const { queue } = make();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    const next = queue.get();
    await expect(isPending(next)).resolves.toBe(true);
    queue.done('a');
    expect(await next).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  test('low priority waits behind all others, and an ordinary add moves it up', async () => {
    const { queue } = make();
    queue.add('low', { lowPriority: true });
    queue.add('moved', { lowPriority: true });
    queue.add('a');
    queue.add('moved');
    queue.add('a', { lowPriority: true });
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'moved', 'low']);
  });

  test('of two delays of a key the earlier one counts', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 200);
    queue.addAfter('a', 5000);
    expect(queue.delayed).toBe(1);
    await clock.advance(199);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    await clock.advance(10_000);
    expect(queue.length).toBe(1);
    expect(clock.timers).toBe(0);
  });

  test('the back-off of a key doubles up to the longest, and starts anew once forgotten', () => {
    const { queue } = make({ baseDelayMs: 5, maxDelayMs: 30 });
    const delays = [1, 2, 3, 4, 5].map(() => queue.addRateLimited('a'));
    expect(delays).toEqual([5, 10, 20, 30, 30]);
    expect(queue.failures('a')).toBe(5);
    expect(queue.addRateLimited('b')).toBe(5);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
  });

  test('jitter adds up to a tenth', () => {
    const { queue } = make({ baseDelayMs: 100, random: () => 0.999 });
    expect(queue.addRateLimited('a')).toBeCloseTo(109.99);
  });

  test("a server's wish is a lower bound of the back-off", () => {
    const { queue } = make();
    expect(queue.addRateLimited('a', 3000)).toBe(3000);
  });

  test('work that begins before its retry is that retry: the back-off after it is kept', async () => {
    const { clock, queue } = make();
    queue.addRateLimited('a', 3000);
    queue.add('a');
    expect(await queue.get()).toBe('a');
    await clock.advance(5000);
    expect(queue.addRateLimited('a', 3000)).toBe(3000);
    queue.done('a');
    expect([queue.length, queue.delayed]).toEqual([0, 1]);
    await clock.advance(3000);
    expect(queue.length).toBe(1);
  });

  test('what was to be looked at later still is, whatever else is done meanwhile', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 4000);
    queue.addRateLimited('a', 3000);
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.done('a');
    await clock.advance(4000);
    expect(await queue.get()).toBe('a');
  });

  test('all keys together are retried at a bounded rate', () => {
    const { queue } = make({ retriesPerSecond: 10, retryBurst: 2 });
    const delays = ['a', 'b', 'c', 'd'].map((key) => queue.addRateLimited(key));
    expect(delays).toEqual([5, 5, 100, 200]);
  });

  test('shutDown ends waiting and future gets, and takes nothing more', async () => {
    const { clock, queue } = make();
    queue.add('worked-on');
    expect(await queue.get()).toBe('worked-on');
    const waiting = queue.get();
    queue.addAfter('later', 10);
    queue.add('worked-on');
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.add('b');
    queue.done('worked-on');
    expect(await queue.get()).toBeUndefined();
    expect([queue.length, queue.delayed, clock.timers]).toEqual([0, 0, 0]);
  });
});

const keys = fc.constantFrom('a', 'b', 'c', 'd');
const commands = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('add' as const), key: keys, low: fc.boolean() }),
    fc.record({ do: fc.constant('addAfter' as const), key: keys, ms: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant('get' as const) }),
    fc.record({ do: fc.constant('done' as const), key: keys }),
  ),
  { maxLength: 60 },
);

/** What the queue should do, as slowly and plainly as can be. */
class Model {
  now = 0;
  waiting: { key: string; low: boolean; serial: number }[] = [];
  processing = new Set<string>();
  again = new Map<string, boolean>();
  delayed: { key: string; due: number; serial: number }[] = [];
  getters = 0;
  out: string[] = [];
  serial = 0;

  add(key: string, low: boolean): void {
    if (this.processing.has(key)) {
      this.again.set(key, low && (this.again.get(key) ?? true));
    } else {
      const known = this.waiting.find((one) => one.key === key);
      if (known === undefined) this.waiting.push({ key, low, serial: this.serial++ });
      else if (known.low && !low) {
        this.waiting = this.waiting.filter((one) => one !== known);
        this.waiting.push({ key, low, serial: this.serial++ });
      }
    }
    this.handOut();
  }

  addAfter(key: string, ms: number): void {
    const due = this.now + ms;
    const known = this.delayed.find((one) => one.key === key);
    if (known !== undefined && known.due <= due) return;
    this.delayed = this.delayed.filter((one) => one !== known);
    this.delayed.push({ key, due, serial: this.serial++ });
  }

  advance(ms: number): void {
    this.now += ms;
    const due = this.delayed.filter((one) => one.due <= this.now);
    this.delayed = this.delayed.filter((one) => one.due > this.now);
    for (const { key } of due.sort((x, y) => x.due - y.due || x.serial - y.serial)) this.add(key, false);
  }

  get(): void {
    this.getters += 1;
    this.handOut();
  }

  done(key: string): void {
    if (!this.processing.delete(key)) return;
    const low = this.again.get(key);
    this.again.delete(key);
    if (low !== undefined) this.add(key, low);
  }

  handOut(): void {
    while (this.getters > 0 && this.waiting.length > 0) {
      const first = [...this.waiting].sort(
        (x, y) => Number(x.low) - Number(y.low) || x.serial - y.serial,
      )[0]!;
      this.waiting = this.waiting.filter((one) => one !== first);
      this.processing.add(first.key);
      this.out.push(first.key);
      this.getters -= 1;
    }
  }
}

test('does what a plain model of it does, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (steps) => {
      const { clock, queue } = make();
      const model = new Model();
      const out: (string | undefined)[] = [];
      for (const step of steps) {
        if (step.do === 'add') {
          queue.add(step.key, { lowPriority: step.low });
          model.add(step.key, step.low);
        } else if (step.do === 'addAfter') {
          queue.addAfter(step.key, step.ms);
          model.addAfter(step.key, step.ms);
        } else if (step.do === 'advance') {
          await clock.advance(step.ms);
          model.advance(step.ms);
        } else if (step.do === 'get') {
          void queue.get().then((key) => out.push(key));
          model.get();
        } else {
          queue.done(step.key);
          model.done(step.key);
        }
        await Promise.resolve();
        await Promise.resolve();
        expect(out).toEqual(model.out);
        expect([queue.length, queue.processing, queue.delayed]).toEqual([
          model.waiting.length,
          model.processing.size,
          model.delayed.length,
        ]);
      }
    }),
    { numRuns: 300 },
  );
});

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  await settle();
  return !isSettled;
}
