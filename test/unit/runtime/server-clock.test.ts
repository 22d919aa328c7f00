import type { Clock } from '../../../src/runtime/clock.ts';
import { ServerClock } from '../../../src/runtime/server-clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 1);

function make() {
  const base = new FakeClock(START);
  const told: number[] = [];
  return { base, told, clock: new ServerClock(base, (skewMs) => told.push(skewMs)) };
}

const header = (ms: number): string => new Date(ms).toUTCString();

test('the machine’s time until the server is heard', () => expect(make().clock.now()).toBe(START));

test.each([10 * MINUTE, -10 * MINUTE, 10_000])('a machine that is %d ms ahead', (skew) => {
  const { clock, told } = make();
  clock.hear(header(START - skew));
  expect(clock.now()).toBe(START - skew);
  expect(told).toEqual([skew]);
});

test.each([0, 900, -2_900])(
  '%d ms are no skew: the header has whole seconds, and an answer takes a while',
  (skew) => {
    const { clock, told } = make();
    clock.hear(header(START - skew));
    expect(clock.now()).toBe(START);
    expect(told).toEqual([]);
  },
);

test('a skew that stays is told once; one that ends is taken back', async () => {
  const { base, clock, told } = make();
  for (let second = 0; second < 5; second += 1) {
    clock.hear(header(base.now() - 10 * MINUTE));
    await base.advance(1_000);
  }
  clock.hear(header(base.now()));
  expect(told).toEqual([10 * MINUTE, 0]);
  expect(clock.now()).toBe(base.now());
});

test.each(['', 'yesterday', '2026-13-45'])('a header that is no date counts for nothing: %j', (date) => {
  const { clock, told } = make();
  clock.hear(date);
  expect(clock.now()).toBe(START);
  expect(told).toEqual([]);
});

test('durations are the machine’s own', async () => {
  const { base, clock } = make();
  clock.hear(header(START + 10 * MINUTE));
  let isDone = false;
  clock.setTimeout(() => (isDone = true), 1_000);
  const slept = clock.sleep(1_000);
  await base.advance(1_000);
  await slept;
  expect(isDone).toBe(true);
  expect(clock.monotonic()).toBe(base.monotonic());
});

test.each([20 * MINUTE, -20 * MINUTE])(
  'a clock that is set %d ms on between two answers moves no deadline',
  async (jumpMs) => {
    let jumped = 0;
    const base = new FakeClock(START);
    const told: number[] = [];
    const machine: Clock = {
      now: () => base.now() + jumped,
      monotonic: () => base.monotonic(),
      setTimeout: (callback, delayMs) => base.setTimeout(callback, delayMs),
      sleep: (delayMs, signal) => base.sleep(delayMs, signal),
    };
    const clock = new ServerClock(machine, (skewMs) => told.push(skewMs));
    clock.hear(header(base.now()));
    await base.advance(MINUTE);
    jumped = jumpMs;
    expect(clock.now()).toBe(base.now());
    await base.advance(MINUTE);
    clock.hear(header(base.now()));
    expect(clock.now()).toBe(base.now());
    expect(told).toEqual([jumpMs]);
  },
);
