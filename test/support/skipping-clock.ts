import { sleepOn, systemClock } from '../../src/runtime/clock.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';

interface Pending {
  readonly dueAt: number;
  readonly callback: () => void;
  timer: Timer;
}

/** What comes due so close together shares one breath. */
const TOGETHER_MS = 50;

/**
 * The machine's time, plus what a test lets pass in between: half an hour of waiting takes a second, while requests take the
 * time that they take. Timers that come due in what is skipped run in their order, each at its time.
 */
export class SkippingClock implements Clock {
  #skippedMs = 0;
  readonly #pending = new Set<Pending>();
  /** How long each timer that is skipped to is given to set things going, in milliseconds of the machine. */
  readonly #breathMs: number;

  constructor(breathMs = 8) {
    this.#breathMs = breathMs;
  }

  now(): number {
    return systemClock.now() + this.#skippedMs;
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skippedMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry: Pending = {
      dueAt: this.monotonic() + Math.max(0, delayMs),
      callback,
      timer: systemClock.setTimeout(() => this.#run(entry), delayMs),
    };
    this.#pending.add(entry);
    return {
      cancel: () => {
        this.#pending.delete(entry);
        entry.timer.cancel();
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Lets `ms` milliseconds pass, in as little of the machine's time as what comes due in them needs. */
  async pass(ms: number): Promise<void> {
    const until = this.monotonic() + ms;
    for (let now = this.monotonic(); now < until; now = this.monotonic()) {
      const next = Math.min(until, ...[...this.#pending].map(({ dueAt }) => dueAt + TOGETHER_MS));
      this.#skippedMs += Math.max(0, next - now);
      for (const entry of this.#due()) this.#run(entry);
      await new Promise((resolve) => setTimeout(resolve, this.#breathMs));
    }
  }

  #due(): Pending[] {
    const now = this.monotonic();
    return [...this.#pending].filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
  }

  #run(entry: Pending): void {
    if (!this.#pending.delete(entry)) return;
    entry.timer.cancel();
    entry.callback();
  }
}
