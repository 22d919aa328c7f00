import { sleepOn, systemClock } from '../../src/runtime/clock.ts';
import type { Clock } from '../../src/runtime/clock.ts';

/** A clock that runs `speed` times as fast as the machine's: what waits for a minute waits for a part of it. */
export function scaledClock(speed: number): Clock {
  const startedAt = systemClock.now();
  const clock: Clock = {
    now: () => startedAt + (systemClock.now() - startedAt) * speed,
    monotonic: () => systemClock.monotonic() * speed,
    setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / speed),
    sleep: (delayMs, signal) => sleepOn(clock, delayMs, signal),
  };
  return clock;
}
