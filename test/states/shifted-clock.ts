import { sleepOn, systemClock } from '../../src/runtime/clock.ts';
import type { Clock } from '../../src/runtime/clock.ts';

/** The machine's clock, whose wall time can be put forward: deadlines pass without being waited for. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;

  /** From now on it is this much later than it is. */
  shift(byMs: number): void {
    this.#shiftMs = byMs;
  }

  now(): number {
    return systemClock.now() + this.#shiftMs;
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  setTimeout(callback: () => void, delayMs: number): ReturnType<Clock['setTimeout']> {
    return systemClock.setTimeout(callback, delayMs);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}
