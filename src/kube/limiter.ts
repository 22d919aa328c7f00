import { abortReason } from '../runtime/clock.ts';

interface Waiter {
  readonly grant: () => void;
}

/**
 * Lets a bounded number of requests through at a time, first come, first served. Those of low priority go only when no
 * other waits.
 */
export class Limiter {
  readonly #most: number;
  readonly #ordinary = new Set<Waiter>();
  readonly #low = new Set<Waiter>();
  #inFlight = 0;

  constructor(maxInFlight: number) {
    this.#most = maxInFlight;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    return this.#ordinary.size + this.#low.size;
  }

  /**
   * Waits for a turn.
   * @returns what ends the turn; to be called exactly once
   * @throws the signal's reason when it is aborted before the turn comes
   */
  async acquire(isLowPriority: boolean, signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted === true) throw abortReason(signal);
    if (this.#inFlight >= this.#most || this.waiting > 0) {
      await this.#wait(isLowPriority ? this.#low : this.#ordinary, signal);
    } else this.#inFlight += 1;
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#inFlight -= 1;
      this.#grantNext();
    };
  }

  #wait(lane: Set<Waiter>, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        lane.delete(waiter);
        reject(abortReason(signal));
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          lane.delete(waiter);
          this.#inFlight += 1;
          resolve();
        },
      };
      lane.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  #grantNext(): void {
    const [next] = this.#ordinary.size > 0 ? this.#ordinary : this.#low;
    if (this.#inFlight < this.#most) next?.grant();
  }
}
