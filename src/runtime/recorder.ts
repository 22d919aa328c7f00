import type { Clock } from './clock.ts';
import { EventCorrelator } from './event-correlator.ts';
import type { CoreEvent, EventRegarding, EventSink, EventType, RecordedEvent } from './events.ts';
import { LruMap } from './lru-map.ts';
import type { Random } from './random.ts';
import { factsOf } from './list-watch-errors.ts';

export type { EventRegarding, EventSink, EventType } from './events.ts';

/** What a recorder is made of. */
export interface EventRecorderOptions {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly random: Random;
  /** Who reports, e.g. the program's name. */
  readonly component: string;
  /** Which of several, e.g. the Pod's name. */
  readonly instance: string;
  /** How many different events may wait to be sent; then the oldest gives way. Default 1000. */
  readonly capacity?: number | undefined;
  /** Whether work waits that comes first: events are then held back, for five minutes at most. Default: never. */
  readonly isBusy?: (() => boolean) | undefined;
  /** How long unsent events are still tried after the stop, in milliseconds. Default 2000. */
  readonly flushTimeoutMs?: number | undefined;
  /** An event will not be sent. Must not throw. */
  readonly onDropped?: ((dropped: DroppedEvent) => void) | undefined;
  /** Sending failed, for good or before another try. Must not throw. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** An event that will not be sent, and why. */
export interface DroppedEvent {
  readonly event: RecordedEvent;
  /** `spam`: its object had too many; `full`: too many wait; `failed`: the API refused it; `stopped`: no time left. */
  readonly why: 'spam' | 'full' | 'failed' | 'stopped';
  /** How many were dropped so far, this one included. */
  readonly dropped: number;
}

interface Pending {
  readonly event: RecordedEvent;
  readonly firstAt: number;
  lastAt: number;
  count: number;
}

/** An Event that exists in the API. */
interface Sent {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

const holdCheckMs = 250;
const longestHoldMs = 300_000;
const mostTracked = 4096;
const mostTries = 4;
const firstRetryMs = 1000;
const longestRetryMs = 30_000;
const longestMessage = 1024;
const longestName = 253;

/**
 * Tells users what happened to an object, in the Events that `kubectl describe` shows. Events are the least important writes of
 * a controller: `event` only notes them, one is sent at a time, equal ones raise a count, and when there are too many they are
 * dropped and counted.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #pending = new Map<string, Pending>();
  readonly #sent = new LruMap<string, Sent>(mostTracked);
  #wake: (() => void) | undefined;
  #serial = 0;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  /** How many different events wait to be sent. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Notes an event. Never throws, never waits.
   * @param reason one word in UpperCamelCase, for machines
   * @param message for people; cut at 1024 characters, as the API demands
   */
  event(regarding: EventRegarding, type: EventType, reason: string, message: string): void {
    const { capacity = 1000, clock } = this.#options;
    const event = { regarding, type, reason, message: bounded(message) };
    const correlated = this.#correlator.correlate(event);
    if (correlated === undefined) {
      this.#drop(event, 'spam');
      return;
    }
    const now = clock.now();
    const waiting = this.#pending.get(correlated.identity);
    const count = (waiting?.count ?? 0) + 1;
    const firstAt = waiting?.firstAt ?? now;
    // The newest message of combined events is the one that is shown.
    this.#pending.set(correlated.identity, { event: correlated.event, firstAt, lastAt: now, count });
    if (this.#pending.size > capacity) this.#dropOldest();
    this.#wake?.();
  }

  /** Sends events until `signal` is aborted and then, for a short time, what is left. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, flushTimeoutMs = 2000 } = this.#options;
    const giveUp = new AbortController();
    const onAbort = (): void => {
      deadline = clock.setTimeout(() => giveUp.abort(), flushTimeoutMs);
      this.#wake?.();
    };
    let deadline: ReturnType<Clock['setTimeout']> | undefined;
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    while (!giveUp.signal.aborted && (this.#pending.size > 0 || !signal.aborted)) {
      if (this.#pending.size === 0) await this.#untilWoken();
      else if (!signal.aborted && this.#isHeldBack()) {
        await clock.sleep(holdCheckMs, signal).catch(() => undefined);
      } else await this.#sendFirst(giveUp.signal);
    }
    deadline?.cancel();
    signal.removeEventListener('abort', onAbort);
    for (const { event } of this.#pending.values()) this.#drop(event, 'stopped');
    this.#pending.clear();
  }

  #isHeldBack(): boolean {
    const { clock, isBusy } = this.#options;
    const [first] = this.#pending.values();
    return isBusy?.() === true && first !== undefined && clock.now() - first.firstAt < longestHoldMs;
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  async #sendFirst(signal: AbortSignal): Promise<void> {
    const [first] = this.#pending;
    if (first === undefined) return;
    const [identity, pending] = first;
    this.#pending.delete(identity);
    const { clock } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#send(identity, pending, signal);
        return;
      } catch (error) {
        this.#options.onError?.(error);
        const retryInMs = this.#retryDelay(error, tries);
        if (retryInMs === undefined || signal.aborted) {
          this.#drop(pending.event, signal.aborted ? 'stopped' : 'failed');
          return;
        }
        if (retryInMs > 0) await clock.sleep(retryInMs, signal).catch(() => undefined);
      }
    }
  }

  async #send(identity: string, pending: Pending, signal: AbortSignal): Promise<void> {
    const { sink } = this.#options;
    const sent = this.#sent.get(identity);
    if (sent !== undefined) {
      const count = sent.count + pending.count;
      const update = {
        count,
        lastTimestamp: timestamp(pending.lastAt),
        message: bounded(pending.event.message),
      };
      try {
        await sink.update(sent.namespace, sent.name, update, signal);
        this.#sent.set(identity, { ...sent, count });
        return;
      } catch (error) {
        // The API forgets Events after an hour.
        if (factsOf(error).status !== 404) throw error;
        this.#sent.delete(identity);
      }
    }
    const event = this.#coreEvent(pending);
    await sink.create(event.metadata.namespace, event, signal);
    this.#sent.set(identity, { ...event.metadata, count: pending.count });
  }

  /** Undefined: not worth another try. */
  #retryDelay(error: unknown, tries: number): number | undefined {
    const { status, retryAfterMs } = factsOf(error);
    if (tries >= mostTries) return undefined;
    // The name was taken; the next try makes another.
    if (status === 409) return 0;
    const isPassing = status === undefined || status === 429 || status >= 500;
    if (!isPassing) return undefined;
    return Math.min(longestRetryMs, Math.max(retryAfterMs, firstRetryMs * 2 ** (tries - 1)));
  }

  #coreEvent({ event, firstAt, lastAt, count }: Pending): CoreEvent {
    const { component, instance } = this.#options;
    const { apiVersion, kind, name, namespace, resourceVersion, uid } = event.regarding;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: this.#eventName(name, firstAt), namespace: namespace ?? 'default' },
      involvedObject: {
        apiVersion,
        kind,
        name,
        uid,
        ...(namespace === undefined ? {} : { namespace }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type: event.type,
      reason: event.reason,
      message: bounded(event.message),
      count,
      firstTimestamp: timestamp(firstAt),
      lastTimestamp: timestamp(lastAt),
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
    };
  }

  /** Unique among all that report on the object: time, a serial number, and chance for what other processes do. */
  #eventName(object: string, at: number): string {
    this.#serial = (this.#serial + 1) % 0x1000;
    const chance = Math.floor(this.#options.random() * 0x10000);
    const suffix = at.toString(16) + hex(this.#serial, 3) + hex(chance, 4);
    const prefix = object.slice(0, longestName - suffix.length - 1).replace(/(?<![^a-z0-9])[^a-z0-9]+$/, '');
    return `${prefix}.${suffix}`;
  }

  #dropOldest(): void {
    const [oldest] = this.#pending;
    if (oldest === undefined) return;
    this.#pending.delete(oldest[0]);
    this.#drop(oldest[1].event, 'full');
  }

  #drop(event: RecordedEvent, why: DroppedEvent['why']): void {
    this.#dropped += 1;
    this.#options.onDropped?.({ event, why, dropped: this.#dropped });
  }
}

function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function bounded(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`;
}
