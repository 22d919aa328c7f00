import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRecord } from '../json.ts';
import type { EventFault, WatchEvent } from './faults.ts';
import type { ProxiedRequest } from './request.ts';

/** One open watch: passes events on, in their order, unless something is wrong with them. */
export class WatchRelay {
  readonly request: ProxiedRequest;
  readonly #response: ServerResponse;
  readonly #faults: () => readonly EventFault[];
  #rest = '';
  #isSilent = false;
  #sent: Promise<void> = Promise.resolve();

  /** @param faults what is wrong with the events of this watch just now */
  constructor(request: ProxiedRequest, response: ServerResponse, faults: () => readonly EventFault[]) {
    this.request = request;
    this.#response = response;
    this.#faults = faults;
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
    const faults = this.#faults();
    if (faults.length > 0) {
      const event = readEvent(line);
      const concerned = faults.filter((fault) => fault.event?.(event) ?? event.type !== 'BOOKMARK');
      if (concerned.some((fault) => fault.do === 'dropEvents')) return;
      for (const fault of concerned) if (fault.do === 'delayEvents') this.#wait(fault.ms);
    }
    this.send(line);
  }

  #wait(ms: number): void {
    this.#sent = this.#sent.then(() => sleep(ms, undefined, { ref: false }));
  }

  #then(step: () => unknown): void {
    this.#sent = this.#sent.then(() => {
      if (!this.#isSilent && !this.#response.destroyed) step();
    });
  }
}

export function readEvent(line: string): WatchEvent {
  const { type, object } = asRecord(JSON.parse(line), 'watch event');
  return { type: String(type), object };
}
