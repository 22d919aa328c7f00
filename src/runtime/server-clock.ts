import { sleepOn, type Clock } from './clock.ts';

// The header has whole seconds, and an answer takes a while.
const toleranceMs = 3_000;

/**
 * A clock whose wall time is the server's: deadlines are counted from times that the server wrote, so a machine whose clock is
 * ten minutes off must not end them ten minutes early. Durations are the machine's own.
 */
export class ServerClock implements Clock {
  readonly #base: Clock;
  readonly #onSkew: ((skewMs: number) => void) | undefined;
  #heard: string | undefined;
  #skewMs = 0;
  /** The machine's wall time less its monotonic one, when the server was last heard. */
  #offsetMs: number | undefined;

  /** @param onSkew told when the machine's clock turns out to be off (positive: it is ahead), and when no longer */
  constructor(base: Clock, onSkew?: (skewMs: number) => void) {
    this.#base = base;
    this.#onSkew = onSkew;
  }

  /** Takes the server's time from the `Date` header of an answer that has just come. */
  hear(date: string): void {
    if (date === this.#heard) return;
    this.#heard = date;
    const serverMs = Date.parse(date);
    if (Number.isNaN(serverMs)) return;
    const skewMs = this.#base.now() - serverMs;
    this.#offsetMs = this.#base.now() - this.#base.monotonic();
    const isOff = Math.abs(skewMs) > toleranceMs;
    const before = this.#skewMs;
    if (isOff && Math.abs(skewMs - before) <= toleranceMs) return;
    this.#skewMs = isOff ? skewMs : 0;
    if (this.#skewMs !== before) this.#onSkew?.(this.#skewMs);
  }

  now(): number {
    return this.#base.now() - this.#skewMs - this.#setSinceMs();
  }

  /** How far somebody has set the machine's clock since the server was heard: an answer may be minutes away. */
  #setSinceMs(): number {
    if (this.#offsetMs === undefined) return 0;
    const setMs = this.#base.now() - this.#base.monotonic() - this.#offsetMs;
    return Math.abs(setMs) > toleranceMs ? setMs : 0;
  }

  monotonic(): number {
    return this.#base.monotonic();
  }

  setTimeout(callback: () => void, delayMs: number): ReturnType<Clock['setTimeout']> {
    return this.#base.setTimeout(callback, delayMs);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}
