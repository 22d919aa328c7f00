import type { IncomingHttpHeaders } from 'node:http';

import { AccessKeeper } from './agents.ts';
import type { Access } from './agents.ts';
import type { Connection } from './connection.ts';
import { isKubeError, KubeError } from './errors.ts';
import { exchange } from './exchange.ts';
import type { AnswerReader, ExchangeRequest } from './exchange.ts';
import { Limiter } from './limiter.ts';
import { LineSplitter } from './lines.ts';
import { errorReader, jsonReader } from './readers.ts';
import { retryDelay } from './retry-rules.ts';
import type { KubeRequest, KubeResponse, KubeStreamRequest, Query, Transport } from './transport.ts';
import { verbOf, type KubeVerb } from './verb.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import { TokenBucket } from '../runtime/token-bucket.ts';

/** What a transport is made of. */
export interface HttpTransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  /** Requests (not streams) under way at a time, each on its own kept-alive connection. Default 32. */
  readonly maxInFlight?: number | undefined;
  /** Requests a second in the long run, the same number at once. Default: no such limit; the API server has its own. */
  readonly requestsPerSecond?: number | undefined;
  /** Told of everything that was sent, when it has ended. Must not throw. */
  readonly onExchange?: ((info: ExchangeInfo) => void) | undefined;
  /** Told of the `Date` header of each answer as it comes. Must not throw. */
  readonly onDate?: ((date: string) => void) | undefined;
}

/** One request as it was on the wire; a retried one is told of each time. */
export interface ExchangeInfo {
  readonly method: string;
  readonly verb: KubeVerb;
  /** Without the query. */
  readonly path: string;
  readonly isStream: boolean;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** Undefined when it went well. */
  readonly error: unknown;
  readonly durationMs: number;
}

const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;
// A WatchList answers only when the server's cache has caught up.
const streamHeadTimeoutMs = 60_000;

/**
 * The transport over Node.js' own HTTP client: the fastest there is (docs on performance have the numbers). Answers are not
 * asked to be compressed: the API server's CPU is the bottleneck, and its gzip would cost more than the bytes.
 */
export class HttpTransport implements Transport {
  readonly #options: HttpTransportOptions;
  readonly #access: AccessKeeper;
  readonly #limiter: Limiter;
  readonly #bucket: TokenBucket | undefined;

  constructor(options: HttpTransportOptions) {
    const { clock, connection, maxInFlight = 32, requestsPerSecond } = options;
    this.#options = options;
    this.#access = new AccessKeeper(connection, clock, maxInFlight);
    this.#limiter = new Limiter(maxInFlight);
    if (requestsPerSecond !== undefined) {
      this.#bucket = new TokenBucket(clock, requestsPerSecond, Math.max(1, requestsPerSecond));
    }
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    const { clock, random } = this.#options;
    const count = { overload: 0, network: 0 };
    for (;;) {
      try {
        return await this.#requestOnce(request);
      } catch (error) {
        if (!isKubeError(error) || request.isRetried === false) throw error;
        const delayMs = retryDelay(request, error, count, random);
        if (delayMs === undefined) throw error;
        await abortable(clock.sleep(delayMs, request.signal));
      }
    }
  }

  stream(request: KubeStreamRequest): Promise<void> {
    const { onBytes, onLine, onOpen, path, query, signal } = request;
    return this.#authorized((access) => {
      const wire = this.#wire(access, access.streams, { method: 'GET', path, query, signal });
      const stream = { ...wire, timeoutMs: streamHeadTimeoutMs, timeoutCovers: 'head' } as const;
      return this.#exchange(stream, { path, verb: 'watch' }, () => {
        const splitter = new LineSplitter(onLine);
        onOpen?.();
        return {
          chunk: (chunk) => {
            onBytes?.(chunk.length);
            splitter.push(chunk);
          },
          end: () => splitter.end(),
        };
      });
    });
  }

  close(): void {
    this.#access.close();
  }

  async #requestOnce(request: KubeRequest): Promise<KubeResponse> {
    const { clock } = this.#options;
    const release = await abortable(this.#limiter.acquire(request.lowPriority === true, request.signal));
    try {
      const waitMs = this.#bucket?.reserve() ?? 0;
      if (waitMs > 0) await abortable(clock.sleep(waitMs, request.signal));
      return await this.#authorized((access) =>
        this.#exchange(
          this.#wire(access, access.requests, request),
          { path: request.path, verb: verbOf(request) },
          jsonReader,
        ),
      );
    } finally {
      release();
    }
  }

  /** Once more with new credentials, when the server did not know the caller. */
  async #authorized<T>(send: (access: Access) => Promise<T>): Promise<T> {
    const access = await this.#access.get();
    try {
      return await send(access);
    } catch (error) {
      if (!isKubeError(error, 'Unauthorized')) throw error;
      return await send(await this.#access.get(access));
    }
  }

  #wire(access: Access, agent: Access['requests'], request: KubeRequest): ExchangeRequest {
    const { clock, connection, userAgent } = this.#options;
    const { body, contentType, guard, method, path, query, signal } = request;
    const { timeoutMs = defaultTimeoutMs } = request;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return {
      server: connection.server,
      agent,
      method,
      path: path + queryString(query),
      headers: {
        ...access.headers,
        accept: request.accept ?? 'application/json',
        'user-agent': userAgent,
        ...(text === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: text,
      guard,
      signal,
      clock,
      connectTimeoutMs,
      timeoutMs,
      timeoutCovers: 'all',
    };
  }

  /** Sends; answers outside 200-299 become errors. */
  async #exchange<T>(
    wire: ExchangeRequest,
    what: Pick<ExchangeInfo, 'path' | 'verb'>,
    readerFor: (status: number, headers: IncomingHttpHeaders) => AnswerReader<T>,
  ): Promise<T> {
    const { clock, onDate, onExchange } = this.#options;
    const startedAt = clock.monotonic();
    let status: number | undefined;
    let failure: unknown;
    try {
      return await exchange(wire, (code, headers) => {
        status = code;
        if (headers.date !== undefined) onDate?.(headers.date);
        return code >= 200 && code < 300 ? readerFor(code, headers) : errorReader(code, headers, clock.now());
      });
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      const isStream = wire.timeoutCovers === 'head';
      const durationMs = clock.monotonic() - startedAt;
      onExchange?.({ ...what, method: wire.method, isStream, status, error: failure, durationMs });
    }
  }
}

function queryString(query: Query | undefined): string {
  if (query === undefined) return '';
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.append(name, String(value));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** Waiting ends in the same error as sending does when the caller's signal is aborted. */
async function abortable<T>(waiting: Promise<T>): Promise<T> {
  try {
    return await waiting;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubeError({ code: 'Aborted', message: `aborted: ${why}`, cause });
  }
}
