import type { Clock } from '../runtime/clock.ts';

/** Shorter ones are no matter for deadlines of many minutes. */
const LEAST_MS = 60_000;

/**
 * Remembers when the API server was last out of sight for a while. Flux and the control planes could not do or tell anything then
 * either, so no deadline of theirs may run out by that time alone. Known to this process only: one that has started since
 * counts from what the API says.
 */
export class Outage {
  readonly #clock: Clock;
  #since: number | undefined;
  #endedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A list or watch has failed. */
  failed(): void {
    this.#since ??= this.#clock.monotonic();
  }

  /** A list or watch has been answered. */
  ended(): void {
    if (this.#lasts()) this.#endedAt = this.#clock.now();
    this.#since = undefined;
  }

  /** Until when the API server was out of sight, epoch milliseconds; now while it is; undefined when it never was. */
  get until(): number | undefined {
    return this.#lasts() ? this.#clock.now() : this.#endedAt;
  }

  #lasts(): boolean {
    return this.#since !== undefined && this.#clock.monotonic() - this.#since >= LEAST_MS;
  }
}
