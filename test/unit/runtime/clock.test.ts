import { abortReason, systemClock } from '../../../src/runtime/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('systemClock', () => {
  test('sleeps, and wakes up with the reason of an abort', async () => {
    const startedAt = systemClock.monotonic();
    await systemClock.sleep(20);
    expect(systemClock.monotonic() - startedAt).toBeGreaterThanOrEqual(19);
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(systemClock.sleep(60_000, abort.signal)).rejects.toThrow('enough');
  });

  test('a cancelled timer does not run, and a delay of months is not one of no time', async () => {
    let runs = 0;
    const timers = [0, 2 ** 33].map((delayMs) => systemClock.setTimeout(() => (runs += 1), delayMs));
    timers[0]!.cancel();
    await systemClock.sleep(20);
    expect(runs).toBe(0);
    timers[1]!.cancel();
  });

  test('a reason that is no Error becomes one', () => {
    const abort = new AbortController();
    abort.abort('just so');
    expect(abortReason(abort.signal).name).toBe('AbortError');
  });
});

describe('FakeClock', () => {
  test('runs timers in their order, with the time that they were set for', async () => {
    const clock = new FakeClock(0);
    const log: string[] = [];
    clock.setTimeout(() => log.push(`b@${clock.monotonic()}`), 20);
    clock.setTimeout(() => {
      log.push(`a@${clock.monotonic()}`);
      clock.setTimeout(() => log.push(`c@${clock.monotonic()}`), 5);
    }, 10);
    clock.setTimeout(() => log.push('late'), 40);
    await clock.advance(30);
    expect([log, clock.now(), clock.timers]).toEqual([['a@10', 'c@15', 'b@20'], 30, 1]);
  });
});
