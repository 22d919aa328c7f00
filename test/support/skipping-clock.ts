import { sleepOn, systemClock } from '../../src/runtime/clock.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';

interface Pending {
  readonly dueAt: number;
  readonly callback: () => void;
  timer: Timer;
}

/** What comes due so close together shares one breath. */
const TOGETHER_MS = 50;
/** What hangs does not stop the clock. */
const LONGEST_BREATH_MS = 1000;

/**
 * The machine's time, plus what a test lets pass in between: half an hour of waiting takes a second, while requests take the
 * time that they take. Timers that come due in what is skipped run in their order, each at its time.
 */
export class SkippingClock implements Clock {
  #skippedMs = 0;
  readonly #pending = new Set<Pending>();
  readonly #breathMs: number;
  readonly #isBusy: () => boolean;

  /**
   * @param isBusy whether something is under way that takes the machine's time: nothing is skipped meanwhile
   * @param breathMs how long each timer that is skipped to is given to set things going, in milliseconds of the machine
   */
  constructor(isBusy: () => boolean = () => false, breathMs = 8) {
    this.#isBusy = isBusy;
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
      await this.#breathe();
    }
  }

  async #breathe(): Promise<void> {
    const isUntil = systemClock.monotonic() + LONGEST_BREATH_MS;
    do {
      await new Promise((resolve) => setTimeout(resolve, this.#breathMs));
    } while (this.#isBusy() && systemClock.monotonic() < isUntil);
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
