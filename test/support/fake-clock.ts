import { sleepOn } from '../../src/runtime/clock.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';

interface Pending {
  readonly dueAt: number;
  readonly serial: number;
  readonly callback: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #serial = 0;
  readonly #pending = new Set<Pending>();

  /** @param now epoch milliseconds at the start */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  /** How many timers have not run yet. */
  get timers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    this.#serial += 1;
    const entry = { dueAt: this.#monotonic + Math.max(0, delayMs), serial: this.#serial, callback };
    this.#pending.add(entry);
    return { cancel: () => this.#pending.delete(entry) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Moves the wall clock alone, as an administrator would. */
  jump(byMs: number): void {
    this.#now += byMs;
  }

  /**
   * Lets `byMs` milliseconds pass: timers that come due run in their order, and what they set going has run as far as it can
   * before the next one does.
   */
  async advance(byMs: number): Promise<void> {
    const until = this.#monotonic + byMs;
    await settle();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#moveTo(next.dueAt);
      this.#pending.delete(next);
      next.callback();
      await settle();
    }
    this.#moveTo(until);
  }

  #next(until: number): Pending | undefined {
    let first: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.dueAt > until) continue;
      const isEarlier =
        first === undefined ||
        entry.dueAt < first.dueAt ||
        (entry.dueAt === first.dueAt && entry.serial < first.serial);
      if (isEarlier) first = entry;
    }
    return first;
  }

  #moveTo(monotonic: number): void {
    if (monotonic <= this.#monotonic) return;
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
