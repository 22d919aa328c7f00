import type { ListPage, ListRequest, ListWatcher, WatchRequest } from '../../src/runtime/list-watcher.ts';

/** An object as the fake server sends it. */
export interface FakeObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion: string };
  readonly value: unknown;
}

interface LogEntry {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: FakeObject;
}

interface Stream {
  readonly request: WatchRequest;
  /** Up to where events have been sent. */
  sent: number;
  isSilent: boolean;
  end(error?: Error): void;
}

/** How the server fails: each request takes the first of these, until there are none. */
export type Fault =
  | { readonly status: number; readonly reason?: string; readonly retryAfterMs?: number }
  | 'network'
  | 'closeAtOnce'
  | 'silent'
  | 'staleList';

/** One request that a reflector made. */
export interface SeenRequest {
  readonly at: number;
  readonly verb: 'list' | 'watchList' | 'watch';
  readonly resourceVersion: string | undefined;
}

/** A collection with the history, the paging and the watches of an API server, and faults on demand. */
export class FakeCollection implements ListWatcher {
  readonly objects = new Map<string, FakeObject>();
  readonly requests: SeenRequest[] = [];
  readonly faults: Fault[] = [];
  readonly #now: () => number;
  readonly #log: LogEntry[] = [];
  readonly #streams = new Set<Stream>();
  #version = 100;
  #compactedUpTo = 0;
  servesWatchList = true;
  isServed = true;

  /** @param now when a request is made, for `requests` */
  constructor(now: () => number) {
    this.#now = now;
  }

  get version(): string {
    return String(this.#version);
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** Creates or changes an object. */
  write(name: string, value: unknown): FakeObject {
    this.#version += 1;
    const type = this.objects.has(name) ? 'MODIFIED' : 'ADDED';
    const object = { metadata: { name, namespace: 'ns', resourceVersion: this.version }, value };
    this.objects.set(name, object);
    this.#happen({ version: this.#version, type, object });
    return object;
  }

  delete(name: string): void {
    const old = this.objects.get(name);
    if (old === undefined) return;
    this.#version += 1;
    this.objects.delete(name);
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: this.version } };
    this.#happen({ version: this.#version, type: 'DELETED', object });
  }

  /** Something happened elsewhere: the version moves on. */
  tick(): void {
    this.#version += 1;
  }

  /** Forgets the history, as etcd does: older versions answer 410. */
  compact(): void {
    this.#compactedUpTo = this.#version;
  }

  /** Loses what happened since, and starts numbering from `version`: a restored backup. */
  restore(version: number): void {
    this.#version = version;
    this.#log.length = 0;
    this.#compactedUpTo = 0;
    const restored = [...this.objects].map(([name, object]): [string, FakeObject] => [
      name,
      { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } },
    ]);
    this.objects.clear();
    for (const [name, object] of restored) this.objects.set(name, object);
    this.breakStreams();
  }

  bookmark(): void {
    for (const stream of this.#streams) this.#send(stream, 'BOOKMARK', bookmark(this.version));
  }

  /** Ends all streams, with an error or as the server's own time-out does. */
  breakStreams(error?: Error): void {
    for (const stream of [...this.#streams]) stream.end(error);
  }

  /** All open streams send nothing any more, not even their end. */
  silence(): void {
    for (const stream of this.#streams) stream.isSilent = true;
  }

  /** Loses the events that open streams have not sent yet, and those of `change`. */
  swallow(change: () => void): void {
    const open = [...this.#streams];
    for (const stream of open) stream.isSilent = true;
    change();
    for (const stream of open) {
      stream.isSilent = false;
      stream.sent = this.#version;
    }
  }

  /** Sends the last `count` events again, without the `newest` ones of them. */
  replay(count: number, newest = 0): void {
    const events = this.#log.slice(-count).slice(0, count - newest);
    for (const stream of this.#streams) {
      for (const { object, type } of events) this.#send(stream, type, object);
    }
  }

  list({ continueToken, limit, signal }: ListRequest): Promise<ListPage> {
    return this.#answer('list', undefined, signal, (fault) => {
      if (fault === 'staleList') return { items: [], resourceVersion: '50', continueToken: undefined };
      const [snapshot, offset] = (continueToken ?? `${this.#version}/0`).split('/').map(Number);
      if (snapshot! < this.#compactedUpTo) throw statusError({ status: 410, reason: 'Expired' });
      const all = [...this.#snapshot(snapshot!).values()];
      const end = offset! + limit;
      return {
        items: all.slice(offset, end),
        resourceVersion: String(snapshot),
        continueToken: end < all.length ? `${snapshot}/${end}` : undefined,
      };
    });
  }

  watch(request: WatchRequest): Promise<void> {
    const verb = request.sendInitialEvents ? 'watchList' : 'watch';
    return this.#answer(verb, request.resourceVersion, request.signal, (fault) => {
      if (verb === 'watchList' && !this.servesWatchList)
        throw statusError({ status: 422, reason: 'Invalid' });
      const from = Number(request.resourceVersion ?? this.#version);
      if (from < this.#compactedUpTo) throw statusError({ status: 410, reason: 'Expired' });
      if (from > this.#version) throw statusError({ status: 504, reason: 'Timeout' });
      if (fault === 'closeAtOnce') return undefined;
      return this.#stream(request, from, fault === 'silent', fault === 'staleList');
    });
  }

  #stream(request: WatchRequest, from: number, isSilent: boolean, isStale: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream: Stream = {
        request,
        sent: from,
        isSilent,
        end: (error) => {
          this.#streams.delete(stream);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.#streams.add(stream);
      request.signal.addEventListener('abort', () => stream.end(new Error('aborted')), { once: true });
      if (isSilent) return;
      request.onOpen();
      if (request.sendInitialEvents && isStale) this.#sendInitial(stream, [], '50');
      else if (request.sendInitialEvents) this.#sendInitial(stream, this.objects.values(), this.version);
      this.#catchUp(stream);
    });
  }

  #sendInitial(stream: Stream, objects: Iterable<FakeObject>, version: string): void {
    for (const object of objects) this.#send(stream, 'ADDED', object);
    this.#send(stream, 'BOOKMARK', bookmark(version, { 'k8s.io/initial-events-end': 'true' }));
  }

  #happen(entry: LogEntry): void {
    this.#log.push(entry);
    for (const stream of this.#streams) this.#catchUp(stream);
  }

  #catchUp(stream: Stream): void {
    if (stream.isSilent) return;
    for (const { object, type, version } of this.#log) {
      if (version <= stream.sent) continue;
      stream.sent = version;
      this.#send(stream, type, object);
    }
  }

  #send(stream: Stream, type: string, object: unknown): void {
    const { request } = stream;
    if (stream.isSilent) return;
    request.onBytes();
    try {
      request.onEvent(type, object);
    } catch (error) {
      stream.end(error as Error);
    }
  }

  #snapshot(version: number): Map<string, FakeObject> {
    const past = new Map(this.objects);
    for (const entry of [...this.#log].reverse()) {
      if (entry.version <= version) break;
      const { name } = entry.object.metadata;
      const before = this.#log.findLast(
        (one) => one.version < entry.version && one.object.metadata.name === name,
      );
      if (before === undefined || before.type === 'DELETED') past.delete(name);
      else past.set(name, before.object);
    }
    return past;
  }

  async #answer<T>(
    verb: SeenRequest['verb'],
    resourceVersion: string | undefined,
    signal: AbortSignal,
    answer: (fault: Fault | undefined) => T | Promise<T>,
  ): Promise<Awaited<T>> {
    this.requests.push({ at: this.#now(), verb, resourceVersion });
    await Promise.resolve();
    signal.throwIfAborted();
    if (!this.isServed) throw statusError({ status: 404, reason: 'NotFound' });
    const fault = this.faults.shift();
    if (fault === 'network') throw new Error('connection refused');
    if (typeof fault === 'object') throw statusError(fault);
    return await answer(fault);
  }
}

/** An error that carries an HTTP status as an API client's would. */
export function statusError(facts: { readonly status: number; readonly reason?: string }): Error {
  return Object.assign(new Error(`status ${facts.status}`), facts);
}

function bookmark(resourceVersion: string, annotations?: Record<string, string>): unknown {
  return { metadata: { resourceVersion, annotations } };
}
