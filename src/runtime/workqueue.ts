import type { Clock, Timer } from './clock.ts';
import type { Random } from './random.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a work queue is made of. All durations in milliseconds. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The first back-off of a key; doubles with each failure. Default 5. */
  readonly baseDelayMs?: number;
  /** The longest back-off of a key. Default 1,000,000 (client-go's). */
  readonly maxDelayMs?: number;
  /** All keys together are retried at most this often a second, in the long run. Default 50. */
  readonly retriesPerSecond?: number;
  /** How many retries may come at once before `retriesPerSecond` holds them back. Default 500. */
  readonly retryBurst?: number;
  /** Told how long a key has waited, in milliseconds, when it is handed out. Must not throw. */
  readonly onWaited?: (waitedMs: number) => void;
}

/** How `WorkQueue.add` puts a key in. */
export interface AddOptions {
  /** Behind all keys that were added without it: for periodic resyncs. A later ordinary `add` moves the key up. */
  readonly lowPriority?: boolean;
}

/**
 * A queue of keys with the semantics of client-go's: a key waits at most once; it is never handed out twice at a time;
 * a key that is added while it is being worked on is handed out again after `done`. The waiting keys of the ordinary lane
 * are first come, first served, and always before those of the low one.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #backoff: KeyBackoff;
  readonly #bucket: TokenBucket;
  readonly #onWaited: ((waitedMs: number) => void) | undefined;
  readonly #ordinary = new Lane();
  readonly #low = new Lane();
  readonly #processing = new Set<string>();
  // Keys added while being processed, with the lane they go to.
  readonly #again = new Map<string, AddOptions>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #getters: ((key: string | undefined) => void)[] = [];
  #isShutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#onWaited = options.onWaited;
    this.#backoff = new KeyBackoff(options.baseDelayMs ?? 5, options.maxDelayMs ?? 1_000_000, options.random);
    this.#bucket = new TokenBucket(options.clock, options.retriesPerSecond ?? 50, options.retryBurst ?? 500);
  }

  /** How many keys wait to be handed out now; neither those in work nor those with a delay. */
  get length(): number {
    return this.#ordinary.size + this.#low.size;
  }

  /** How many keys are being worked on. */
  get processing(): number {
    return this.#processing.size;
  }

  /** How many keys wait for a delay to pass. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Puts a key in, unless it waits already. */
  add(key: string, options: AddOptions = {}): void {
    if (this.#isShutDown) return;
    if (this.#processing.has(key)) {
      const isLow = options.lowPriority === true && (this.#again.get(key)?.lowPriority ?? true);
      this.#again.set(key, { lowPriority: isLow });
      return;
    }
    const now = this.#clock.monotonic();
    if (options.lowPriority === true) {
      if (!this.#ordinary.has(key)) this.#low.add(key, now);
    } else {
      this.#low.delete(key);
      this.#ordinary.add(key, now);
    }
    this.#handOut();
  }

  /** Puts a key in after `delayMs` milliseconds; when it waits for another delay already, the earlier one counts. */
  addAfter(key: string, delayMs: number): void {
    this.#addAfter(key, delayMs, false);
  }

  #addAfter(key: string, delayMs: number, isRetry: boolean): void {
    if (this.#isShutDown) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueAt = this.#clock.monotonic() + delayMs;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined) {
      if (waiting.dueAt <= dueAt) return;
      waiting.timer.cancel();
    }
    const timer = this.#clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    this.#delayed.set(key, { dueAt, timer, isRetry: isRetry && (waiting?.isRetry ?? true) });
  }

  /**
   * Puts a key in after the back-off that its failures so far have earned it, and counts one more.
   * @param leastMs a lower bound of the delay: what a server asked for
   * @returns the delay, in milliseconds
   */
  addRateLimited(key: string, leastMs = 0): number {
    const delayMs = Math.max(this.#backoff.next(key), this.#bucket.reserve(), leastMs);
    this.#addAfter(key, delayMs, true);
    return delayMs;
  }

  /** Forgets the failures of a key: its work was done. */
  forget(key: string): void {
    this.#backoff.forget(key);
  }

  /** How many failures of a key are counted. */
  failures(key: string): number {
    return this.#backoff.failures(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down. Each key needs its `done`. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#getters.push(resolve);
      this.#handOut();
    });
  }

  /** Ends the work on a key that `get` handed out. */
  done(key: string): void {
    if (!this.#processing.delete(key)) return;
    const again = this.#again.get(key);
    if (again === undefined) return;
    this.#again.delete(key);
    this.add(key, again);
  }

  /**
   * Takes no more keys, forgets the waiting ones and ends every `get` with undefined. Nothing is lost by it: the work is
   * level-based, and the next start begins with every key.
   */
  shutDown(): void {
    this.#isShutDown = true;
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
    this.#ordinary.clear();
    this.#low.clear();
    this.#again.clear();
    for (const resolve of this.#getters.splice(0)) resolve(undefined);
  }

  #handOut(): void {
    while (this.#getters.length > 0) {
      const key = this.#isShutDown ? undefined : this.#takeFirst();
      if (key === undefined && !this.#isShutDown) return;
      if (key !== undefined) this.#begin(key);
      this.#getters.shift()?.(key);
    }
  }

  #begin(key: string): void {
    this.#processing.add(key);
    // This is the retry: one that came due in the middle of it would follow at once, whatever the back-off then says.
    const waiting = this.#delayed.get(key);
    if (waiting?.isRetry !== true) return;
    waiting.timer.cancel();
    this.#delayed.delete(key);
  }

  #takeFirst(): string | undefined {
    const first = this.#ordinary.takeFirst() ?? this.#low.takeFirst();
    if (first === undefined) return undefined;
    const [key, since] = first;
    this.#onWaited?.(this.#clock.monotonic() - since);
    return key;
  }
}

interface Delayed {
  readonly dueAt: number;
  readonly timer: Timer;
  /** Nothing but the next try of what failed. */
  readonly isRetry: boolean;
}

/** First come, first served, each key once, with when it came. */
class Lane {
  readonly #keys = new Map<string, number>();
  // Goes on where it was: a new iterator would step over the holes of all keys taken so far.
  #cursor = this.#keys.entries();

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string, now: number): void {
    if (!this.#keys.has(key)) this.#keys.set(key, now);
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }

  clear(): void {
    this.#keys.clear();
  }

  takeFirst(): [key: string, since: number] | undefined {
    if (this.#keys.size === 0) return undefined;
    let next = this.#cursor.next();
    if (next.done === true) {
      this.#cursor = this.#keys.entries();
      next = this.#cursor.next();
    }
    if (next.done === true) return undefined;
    this.#keys.delete(next.value[0]);
    return next.value;
  }
}

/** Exponential back-off a key, with jitter of a tenth upwards so that keys that failed together part ways. */
class KeyBackoff {
  readonly #failures = new Map<string, number>();
  readonly #baseMs: number;
  readonly #maxMs: number;
  readonly #random: Random;

  constructor(baseMs: number, maxMs: number, random: Random) {
    this.#baseMs = baseMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  next(key: string): number {
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(this.#maxMs, this.#baseMs * 2 ** failures);
    return delayMs * (1 + this.#random() / 10);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }
}
