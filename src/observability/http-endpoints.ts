import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';

/** Where a server listens; without a host on all addresses. */
export interface BindAddress {
  readonly host?: string | undefined;
  readonly port: number;
}

/** An answer; its status is 200 unless it says otherwise. */
export interface Answer {
  readonly status?: number;
  /** Default: plain text. */
  readonly contentType?: string;
  readonly body: string;
}

export interface HttpEndpointsOptions {
  /** For logs and errors. */
  readonly name: string;
  readonly address: BindAddress;
  /** By path, without the query. */
  readonly routes: Readonly<Record<string, () => Answer | Promise<Answer>>>;
  /** An answer could not be made. */
  readonly onError: (error: unknown) => void;
  /** Told where it really listens. */
  readonly onListening?: (address: { readonly host: string; readonly port: number }) => void;
}

const requestTimeoutMs = 10_000;
const mostConnections = 64;
const longestHeaders = 8192;

/**
 * A small HTTP server that answers GET for a few paths, as probes and Prometheus ask; it reads no bodies. A service: it runs until its
 * signal is aborted, and rejects when it cannot listen.
 */
export class HttpEndpoints {
  readonly name: string;
  readonly #options: HttpEndpointsOptions;
  readonly #server: Server;

  constructor(options: HttpEndpointsOptions) {
    this.name = options.name;
    this.#options = options;
    this.#server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs,
        connectionsCheckingInterval: requestTimeoutMs / 2,
        maxHeaderSize: longestHeaders,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = mostConnections;
    this.#server.timeout = requestTimeoutMs;
  }

  isReady(): boolean {
    return this.#server.listening;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { address, onListening } = this.#options;
    this.#server.listen({ host: address.host, port: address.port });
    // Rejects with the server's error when that comes first.
    await once(this.#server, 'listening');
    const bound = this.#server.address();
    if (bound !== null && typeof bound !== 'string') onListening?.({ host: bound.address, port: bound.port });
    if (!isAborted(signal)) await once(signal, 'abort');
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const { onError, routes } = this.#options;
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    try {
      if (route === undefined) send(response, { status: 404, body: 'not found\n' });
      else if (request.method !== 'GET')
        send(response, { status: 405, body: 'only GET\n' }, { allow: 'GET' });
      else send(response, await route());
    } catch (error) {
      onError(error);
      send(response, { status: 500, body: 'an answer could not be made\n' });
    }
  }
}

function send(
  response: ServerResponse,
  { body, contentType = 'text/plain; charset=utf-8', status = 200 }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** A property that changes while somebody awaits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
