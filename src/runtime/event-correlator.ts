import type { Clock } from './clock.ts';
import type { RecordedEvent } from './events.ts';
import { LruMap } from './lru-map.ts';
import { TokenBucket } from './token-bucket.ts';

/** An event under the identity that decides whether it is the same as an earlier one. */
export interface CorrelatedEvent {
  readonly identity: string;
  readonly event: RecordedEvent;
}

// The limits of client-go's correlator, which people know from kubectl.
const similarBeforeCombined = 10;
const similarWithinMs = 600_000;
const spamBurst = 25;
const spamPerSecond = 1 / 300;
const mostTracked = 4096;
const combinedPrefix = '(combined from similar events): ';

/**
 * Decides what becomes of an event: equal ones get one identity, more than ten that differ only in their message are
 * combined into one, and an object that has many events gets no more than one in five minutes.
 */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #similar = new LruMap<string, { readonly messages: Set<string>; lastAt: number }>(mostTracked);
  readonly #buckets = new LruMap<string, TokenBucket>(mostTracked);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The event as it is to be sent; undefined when its object has had too many. */
  correlate(event: RecordedEvent): CorrelatedEvent | undefined {
    // Ten thousand of these are kept: the uid alone, since no two objects share one.
    const object = event.regarding.uid;
    if (this.#isSpam(object)) return undefined;
    const group = `${object}\n${event.type}\n${event.reason}`;
    const now = this.#clock.monotonic();
    const known = this.#similar.get(group);
    const similar =
      known !== undefined && now - known.lastAt <= similarWithinMs
        ? known
        : { messages: new Set<string>(), lastAt: now };
    similar.lastAt = now;
    this.#similar.set(group, similar);
    const isCombined = !similar.messages.has(event.message) && similar.messages.size >= similarBeforeCombined;
    if (isCombined) return { identity: group, event: { ...event, message: combinedPrefix + event.message } };
    similar.messages.add(event.message);
    return { identity: `${group}\n${event.message}`, event };
  }

  #isSpam(object: string): boolean {
    let bucket = this.#buckets.get(object);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#clock, spamPerSecond, spamBurst);
      this.#buckets.set(object, bucket);
    }
    return !bucket.tryTake();
  }
}
