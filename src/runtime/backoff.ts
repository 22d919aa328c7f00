import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Shape of a back-off, in milliseconds. */
export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** After this long without a failure the next one is the first again. */
  readonly resetAfterMs: number;
}

/**
 * The growing delay of one loop that must go on for ever. The n-th delay is drawn from the upper half below
 * `base * 2^n * 2`, so that many loops that failed together do not come back together, not even at the longest delay.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: BackoffOptions;
  #failures = 0;
  #quietSince = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, random: Random, options: BackoffOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
  }

  /** Counts a failure; how long to wait before the next try, in milliseconds. */
  next(): number {
    const { baseMs, maxMs, resetAfterMs } = this.#options;
    const now = this.#clock.monotonic();
    if (now - this.#quietSince >= resetAfterMs) this.#failures = 0;
    const floorMs = Math.min(maxMs / 2, baseMs * 2 ** this.#failures);
    const delayMs = floorMs * (1 + this.#random());
    this.#failures += 1;
    this.#quietSince = now + delayMs;
    return delayMs;
  }
}
