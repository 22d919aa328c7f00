import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../../src/runtime/clock.ts';
import { asRecord, dig } from '../json.ts';
import type { EventFault, WatchEvent } from './faults.ts';
import type { ProxiedRequest } from './request.ts';

// As a kube-apiserver has it.
const BOOKMARK_EVERY_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 1800;

/** One open watch: passes events on, in their order, unless something is wrong with them. */
export class WatchRelay {
  readonly request: ProxiedRequest;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #faults: () => readonly EventFault[];
  /** Where a watch could go on from: up to here everything has come. */
  #bookmark: { apiVersion?: unknown; kind?: unknown; resourceVersion: unknown } | undefined;
  #rest = '';
  #isSilent = false;
  #sent: Promise<void> = Promise.resolve();

  /** @param faults what is wrong with the events of this watch just now */
  constructor(
    request: ProxiedRequest,
    response: ServerResponse,
    clock: Clock,
    faults: () => readonly EventFault[],
  ) {
    this.request = request;
    this.#response = response;
    this.#clock = clock;
    this.#faults = faults;
    const resourceVersion = request.query.get('resourceVersion');
    if (!request.isWatchList && resourceVersion !== null) this.#bookmark = { resourceVersion };
  }

  /** Sends a bookmark a minute and ends the watch in time, as the server would if this clock were its own. */
  keepTime(): void {
    const timers: Timer[] = [];
    const beat = (): void => {
      if (this.#bookmark !== undefined) {
        const { resourceVersion, ...type } = this.#bookmark;
        this.send(JSON.stringify({ type: 'BOOKMARK', object: { ...type, metadata: { resourceVersion } } }));
      }
      timers[0] = this.#clock.setTimeout(beat, this.#untilBookmark());
    };
    const seconds = Number(this.request.query.get('timeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS);
    timers.push(
      this.#clock.setTimeout(beat, this.#untilBookmark()),
      this.#clock.setTimeout(() => this.end(), seconds * 1000),
    );
    this.#response.on('close', () => {
      for (const timer of timers) timer.cancel();
    });
  }

  /** All watches together, at each full minute. */
  #untilBookmark(): number {
    return BOOKMARK_EVERY_MS - (this.#clock.monotonic() % BOOKMARK_EVERY_MS);
  }

  /** Takes bytes from the server. @returns the complete lines in them */
  push(chunk: string): string[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#pass(line);
    return lines;
  }

  /** Sends a line as if it had come from the server just now. */
  send(line: string): void {
    this.#then(() => this.#response.write(`${line}\n`));
  }

  /** The server has ended the stream. */
  end(): void {
    this.#then(() => this.#response.end());
  }

  /** The server is gone. */
  break(): void {
    this.#then(() => this.#response.destroy());
  }

  /** From now on nothing passes, not even the end; the connection stays open. */
  silence(): void {
    this.#isSilent = true;
  }

  #pass(line: string): void {
    this.#note(line);
    const faults = this.#faults();
    if (faults.length > 0) {
      const event = readEvent(line);
      const concerned = faults.filter((fault) => fault.event?.(event) ?? event.type !== 'BOOKMARK');
      if (concerned.some((fault) => fault.do === 'dropEvents')) return;
      for (const fault of concerned) if (fault.do === 'delayEvents') this.#wait(fault.ms);
    }
    this.send(line);
  }

  #note(line: string): void {
    const { object } = readEvent(line);
    const resourceVersion = dig(object, 'metadata', 'resourceVersion');
    if (typeof resourceVersion !== 'string') return;
    const isInitial = this.request.isWatchList && this.#bookmark === undefined && !endsInitialEvents(line);
    // The initial events come in the order of their keys: none of them is a place to go on from.
    if (isInitial) return;
    this.#bookmark = { apiVersion: dig(object, 'apiVersion'), kind: dig(object, 'kind'), resourceVersion };
  }

  #wait(ms: number): void {
    this.#sent = this.#sent.then(() => this.#clock.sleep(ms));
  }

  #then(step: () => unknown): void {
    this.#sent = this.#sent.then(() => {
      if (!this.#isSilent && !this.#response.destroyed && !this.#response.writableEnded) step();
    });
  }
}

/** Whether a line of a WatchList is the bookmark after which the collection is complete. */
export function endsInitialEvents(line: string): boolean {
  const { object, type } = readEvent(line);
  return (
    type === 'BOOKMARK' && dig(object, 'metadata', 'annotations', 'k8s.io/initial-events-end') === 'true'
  );
}

export function readEvent(line: string): WatchEvent {
  const { type, object } = asRecord(JSON.parse(line), 'watch event');
  return { type: String(type), object };
}
