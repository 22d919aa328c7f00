import type { Clock, Timer } from '../runtime/clock.ts';

/** What happened again, and how often since it was last told. */
export type Tell = (what: string, count: number) => void;

/**
 * Has the same thing told once at first and then once for each interval, with its count: what happens ten thousand times in a
 * minute must not be ten thousand lines.
 */
export class Tally {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #tell: Tell;
  readonly #counts = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, intervalMs: number, tell: Tell) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  add(what: string): void {
    const count = this.#counts.get(what);
    this.#counts.set(what, (count ?? 0) + 1);
    if (count === undefined) {
      this.#tell(what, 1);
      this.#counts.set(what, 0);
    }
    this.#timer ??= this.#clock.setTimeout(() => this.flush(), this.#intervalMs);
  }

  /** Tells what has not been told yet, and begins anew. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const counts = [...this.#counts];
    this.#counts.clear();
    for (const [what, count] of counts) if (count > 0) this.#tell(what, count);
  }
}
