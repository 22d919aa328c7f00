import type { Clock } from './clock.ts';

/** Says how long to wait so that a rate is kept in the long run; each call takes its place in the line. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #asOf: number;

  /** @param burst how many turns may be taken at once after a quiet time */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#asOf = clock.monotonic();
  }

  /** Takes one turn if there is one to be had at once. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes one turn; how many milliseconds to wait for it. */
  reserve(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#asOf) / 1000) * this.#perSecond);
    this.#asOf = now;
  }
}
