import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { isObject } from '../api/json.ts';
import type { Logger } from '../observability/logger.ts';
import type { Clock } from '../runtime/clock.ts';
import { BodyBudget } from './body.ts';
import type { Reviewer } from './reviewers.ts';
import { readReview, writeReview } from './review.ts';

/** What a server identifies itself with, PEM. */
export interface ServingCertificate {
  cert: string;
  key: string;
}

export interface WebhookServerOptions {
  reviewers: ReadonlyMap<string, Reviewer>;
  host?: string | undefined;
  port: number;
  clock: Clock;
  logger: Logger;
  /** Default 10,000: for all of a request to arrive, its headers in half of that. Milliseconds. */
  requestTimeoutMs?: number;
  /** Default 5,000: for what is under way to end once the server is to stop. */
  graceMs?: number;
}

const MIN_VERSION = 'TLSv1.2';
/** The API server closes idle connections after 90 seconds. If we did so before, a call might just be on its way. */
const KEEP_ALIVE_MS = 120_000;
const MOST_CONNECTIONS = 512;
/** Of all bodies that are being read or judged. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/**
 * The HTTPS server that the API server calls. Whoever else calls it gets a 4xx, or a verdict about an object of his own: a
 * webhook changes nothing.
 */
export class WebhookServer {
  readonly #options: WebhookServerOptions;
  readonly #budget = new BodyBudget(MOST_BODY_BYTES);
  #server: Server | undefined;
  #hasCertificate = false;
  #isClosing = false;

  constructor(options: WebhookServerOptions) {
    this.#options = options;
  }

  /** Whether a call would be answered. */
  get isServing(): boolean {
    return this.#server?.listening === true && this.#hasCertificate;
  }

  /** Begins to listen; no connection succeeds before there is a certificate. @throws Error when the address is in use */
  async listen(): Promise<void> {
    const { host, port, logger, requestTimeoutMs = 10_000 } = this.#options;
    const server = createServer(
      {
        minVersion: MIN_VERSION,
        handshakeTimeout: requestTimeoutMs,
        headersTimeout: requestTimeoutMs / 2,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs / 4),
      },
      (request, response) => void this.#answer(request, response),
    );
    server.maxConnections = MOST_CONNECTIONS;
    // Probes of ports and callers that do not trust the certificate: nothing to do about them.
    server.on('tlsClientError', (error) => logger.debug({ err: error }, 'TLS handshake failed'));
    const listening = once(server, 'listening');
    server.listen(port, host);
    await listening;
    server.on('error', (error) => logger.error({ err: error }, 'webhook server'));
    this.#server = server;
  }

  /** Takes a certificate for all connections to come. @throws Error for one that cannot be used: the one before stays */
  use(certificate: ServingCertificate): void {
    this.#server?.setSecureContext({ ...certificate, minVersion: MIN_VERSION });
    this.#hasCertificate = true;
  }

  /** Takes no more connections, lets the requests under way end, then closes. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#isClosing = true;
    const closed = new Promise((resolve) => server.close(resolve));
    const timer = this.#options.clock.setTimeout(
      () => server.closeAllConnections(),
      this.#options.graceMs ?? 5_000,
    );
    await closed;
    timer.cancel();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const reviewer = this.#options.reviewers.get(request.url?.split('?', 1)[0] ?? '');
      const refused = reviewer === undefined ? NOT_FOUND : refusalOf(request);
      if (reviewer === undefined || refused !== undefined) {
        this.#send(response, refused ?? NOT_FOUND);
        return;
      }
      const answer = await this.#budget.withBody(request, (body) => review(reviewer, body));
      this.#send(response, answer === 413 ? TOO_LARGE : answer === 503 ? BUSY : answer);
    } catch (error) {
      // A caller that has gone is no fault of ours.
      if (request.destroyed && !request.complete) return;
      this.#options.logger.error({ err: error, path: request.url?.slice(0, 100) }, 'webhook failed');
      this.#send(response, FAILED);
    }
  }

  #send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
    if (response.destroyed || response.headersSent) return;
    // What was not read to its end leaves the connection unusable.
    const isLast = this.#isClosing || !response.req.complete;
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      ...headers,
      ...(isLast ? { connection: 'close' } : {}),
    });
    response.end(typeof body === 'string' ? `${body}\n` : JSON.stringify(body));
  }
}

interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: string | object;
}

const NOT_FOUND: Answer = { status: 404, body: 'no webhook has this path' };
const NOT_POST: Answer = { status: 405, headers: { allow: 'POST' }, body: 'only POST is answered' };
const NOT_JSON: Answer = { status: 415, body: 'only application/json is read' };
const TOO_LARGE: Answer = { status: 413, body: 'the body has more than 3 MiB' };
const BUSY: Answer = { status: 503, headers: { 'retry-after': '1' }, body: 'too many requests at a time' };
const FAILED: Answer = { status: 500, body: 'the webhook has failed; its log says why' };
const NO_REVIEW: Answer = { status: 400, body: 'the body is no AdmissionReview of admission.k8s.io/v1' };

function refusalOf({ method, headers }: IncomingMessage): Answer | undefined {
  if (method !== 'POST') return NOT_POST;
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return type.trim().toLowerCase() === 'application/json' ? undefined : NOT_JSON;
}

async function review(reviewer: Reviewer, body: Buffer): Promise<Answer> {
  const request = readReview(parse(body));
  if (request === undefined) return NO_REVIEW;
  if (request.kind !== reviewer.kind) {
    return { status: 400, body: `this path judges ${reviewer.kind} only` };
  }
  return { status: 200, body: writeReview(request.uid, await reviewer.review(request)) };
}

function parse(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
