import { request as httpRequest } from 'node:http';
import type { Agent as HttpAgent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { KubeError } from './errors.ts';
import { abortReason } from '../runtime/clock.ts';
import type { Clock, Timer } from '../runtime/clock.ts';

/** One request on the wire: no retries, no credentials of its own, no opinion on the status. */
export interface ExchangeRequest {
  readonly server: URL;
  readonly agent: HttpAgent;
  readonly method: string;
  /** With the query, below the server's own path. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | number>>;
  readonly body?: string | undefined;
  /** See `KubeRequest`. */
  readonly guard?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** Whether `timeoutMs` is for everything or, for an answer without an end, only for its head. */
  readonly timeoutCovers: 'all' | 'head';
}

/** Takes in one answer. What its functions throw ends the exchange with that error. */
export interface AnswerReader<T> {
  chunk(chunk: Buffer): void;
  /** The answer is complete. */
  end(): T;
}

const staleSocketErrors = new WeakSet<KubeError>();

/**
 * Whether a request failed only because the server had closed a kept-alive connection that it was sent on: no byte of an answer
 * came, so that a request that may be sent twice can be sent again.
 */
export function isStaleSocketError(error: KubeError): boolean {
  return staleSocketErrors.has(error);
}

/**
 * Sends one request and hands its answer, as it arrives, to the reader made by `readerFor`.
 * @throws KubeError Timeout, Network or Aborted; whatever the reader throws
 */
export function exchange<T>(
  request: ExchangeRequest,
  readerFor: (status: number, headers: IncomingHttpHeaders) => AnswerReader<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { clock, signal } = request;
    const timers: Timer[] = [];
    let isAnswered = false;
    let isSettled = false;
    const settle = (): boolean => {
      if (isSettled) return false;
      isSettled = true;
      for (const timer of timers) timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      return true;
    };
    const fail = (error: unknown): void => {
      if (!settle()) return;
      reject(error instanceof Error ? error : new Error(String(error)));
      outgoing.destroy();
    };
    const onAbort = (): void => {
      const cause = abortReason(signal);
      fail(new KubeError({ code: 'Aborted', message: `aborted: ${cause.message}`, cause }));
    };
    const failAfter = (delayMs: number, message: string): Timer => {
      const timer = clock.setTimeout(() => fail(new KubeError({ code: 'Timeout', message })), delayMs);
      timers.push(timer);
      return timer;
    };
    const onBroken = (error: Error): void => fail(brokenConnection(request, outgoing, error, isAnswered));

    let outgoing: ClientRequest;
    try {
      outgoing = open(request);
    } catch (cause) {
      // A header that HTTP does not know, of a broken token for instance.
      reject(new KubeError({ code: 'Network', message: 'the request cannot be sent as it is', cause }));
      return;
    }
    outgoing.on('error', onBroken);
    const send = (): void =>
      guarded(() => {
        request.guard?.();
        outgoing.end(request.body);
      });
    outgoing.on('socket', (socket) => {
      if (isSettled) return;
      const isConnected = !isConnecting(socket);
      // A guard is asked as late as can be: a connection may take its time.
      if (request.guard !== undefined && isConnected) send();
      if (isConnected) return;
      const host = request.server.host;
      const timer = failAfter(
        request.connectTimeoutMs,
        `no connection to ${host} in ${request.connectTimeoutMs} ms`,
      );
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        timer.cancel();
        if (request.guard !== undefined) send();
      });
    });
    outgoing.on('response', (incoming: IncomingMessage) => {
      isAnswered = true;
      if (request.timeoutCovers === 'head') deadline.cancel();
      incoming.on('error', onBroken);
      guarded(() => {
        const reader = readerFor(incoming.statusCode ?? 0, incoming.headers);
        incoming.on('data', (chunk: Buffer) => guarded(() => reader.chunk(chunk)));
        incoming.on('end', () =>
          guarded(() => {
            const value = reader.end();
            if (settle()) resolve(value);
          }),
        );
      });
    });
    const guarded = (step: () => void): void => {
      if (isSettled) return;
      try {
        step();
      } catch (error) {
        fail(error);
      }
    };
    const deadline = failAfter(request.timeoutMs, `no answer in ${request.timeoutMs} ms`);
    if (signal?.aborted === true) onAbort();
    else {
      signal?.addEventListener('abort', onAbort, { once: true });
      if (request.guard === undefined) send();
    }
  });
}

function open(request: ExchangeRequest): ClientRequest {
  const { agent, body, headers, method, path, server } = request;
  const isTls = server.protocol === 'https:';
  return (isTls ? httpsRequest : httpRequest)({
    agent,
    method,
    hostname: server.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: server.port === '' ? (isTls ? 443 : 80) : Number(server.port),
    path: server.pathname.replace(/\/$/, '') + path,
    headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
  });
}

function isConnecting(socket: Socket): boolean {
  // A TLS socket has no protocol to name until its handshake is done.
  return (
    socket.connecting || (socket instanceof TLSSocket && socket.getProtocol()?.startsWith('TLS') !== true)
  );
}

function brokenConnection(
  { server }: ExchangeRequest,
  outgoing: ClientRequest,
  error: Error,
  isAnswered: boolean,
): KubeError {
  const code: unknown = 'code' in error ? error.code : undefined;
  const broken = new KubeError({
    code: 'Network',
    message: `${isAnswered ? 'the connection broke' : 'cannot reach the API server'} (${server.host}): ${error.message}`,
    cause: error,
  });
  const isReset = code === 'ECONNRESET' || code === 'EPIPE';
  if (isReset && outgoing.reusedSocket && !isAnswered) staleSocketErrors.add(broken);
  return broken;
}
