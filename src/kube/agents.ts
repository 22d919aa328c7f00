import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createSecureContext } from 'node:tls';

import { isSameTls } from './connection.ts';
import type { Connection, Credentials } from './connection.ts';
import { KubeError } from './errors.ts';
import type { Clock } from '../runtime/clock.ts';

/** Ready-made connections and the headers that prove who is calling. */
export interface Access {
  readonly headers: Credentials['headers'];
  /** Kept-alive connections for requests. */
  readonly requests: HttpAgent;
  /** A connection of its own for each stream. */
  readonly streams: HttpAgent;
}

// Shorter than the 90 s after which a kube-apiserver closes an idle connection: who closes first wins no race.
const idleSocketMs = 60_000;
const credentialsTtlMs = 10_000;
// An exec plugin may hang.
const credentialsTimeoutMs = 30_000;

/**
 * Keeps the access to one server: credentials are looked at again every ten seconds of use, and the connections are made anew
 * when the TLS side of them has changed. Requests under way end on the connection that they are on.
 */
export class AccessKeeper {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #maxSockets: number;
  #access: Access | undefined;
  #credentials: Credentials | undefined;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<Access> | undefined;

  constructor(connection: Connection, clock: Clock, maxSockets: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.#maxSockets = maxSockets;
  }

  /**
   * The access as it is now.
   * @param refused an access that the server did not accept: cached credentials are not used again
   * @throws KubeError Network when there are no credentials to be had
   */
  get(refused?: Access): Access | Promise<Access> {
    const current = this.#access;
    // Of several requests refused together, one refreshes for all.
    const isRefused = refused !== undefined && refused === current;
    if (current !== undefined && !isRefused && this.#clock.monotonic() < this.#freshUntil) return current;
    this.#refreshing ??= this.#refresh(isRefused).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Closes all connections, those in use too. */
  close(): void {
    this.#access?.requests.destroy();
    this.#access?.streams.destroy();
  }

  async #refresh(isRefused: boolean): Promise<Access> {
    const before = this.#access;
    try {
      this.#take(await this.#credentialsInTime(isRefused));
    } catch (error) {
      // A file that is just being replaced must not stop requests that the old credentials would do for.
      if (before === undefined || isRefused) throw noCredentials(error);
    }
    this.#freshUntil = this.#clock.monotonic() + credentialsTtlMs;
    if (this.#access === undefined) throw noCredentials(undefined);
    return this.#access;
  }

  async #credentialsInTime(isRefused: boolean): Promise<Credentials> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(
      () => late.reject(new Error(`nothing in ${credentialsTimeoutMs} ms`)),
      credentialsTimeoutMs,
    );
    try {
      return await Promise.race([this.#connection.credentials(isRefused), late.promise]);
    } finally {
      timer.cancel();
    }
  }

  #take(credentials: Credentials): void {
    const before = this.#access;
    const isSame = this.#credentials !== undefined && isSameTls(this.#credentials.tls, credentials.tls);
    this.#credentials = credentials;
    if (before !== undefined && isSame) {
      this.#access = { ...before, headers: credentials.headers };
      return;
    }
    if (before !== undefined) retire(before.requests);
    this.#access = this.#build(credentials);
  }

  #build({ headers, proxyAgent, tls }: Credentials): Access {
    const kept = { keepAlive: true, maxSockets: this.#maxSockets, timeout: idleSocketMs };
    if (proxyAgent !== undefined) {
      proxyAgent.maxSockets = Number.POSITIVE_INFINITY;
      return { headers, requests: proxyAgent, streams: proxyAgent };
    }
    if (this.#connection.server.protocol === 'http:') {
      return { headers, requests: new HttpAgent(kept), streams: new HttpAgent() };
    }
    const { ca, cert, key, ...checks } = tls;
    // One for all connections: the agent would make it anew for each, and compare the PEM texts at each request.
    const secure = { ...checks, secureContext: createSecureContext({ ca, cert, key }) };
    return { headers, requests: new HttpsAgent({ ...secure, ...kept }), streams: new HttpsAgent(secure) };
  }
}

/** Closes the idle connections now and the others as they become idle. */
function retire(agent: HttpAgent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}

function noCredentials(cause: unknown): KubeError {
  const why = cause instanceof Error ? cause.message : 'unknown';
  return new KubeError({ code: 'Network', message: `no credentials for the API server: ${why}`, cause });
}
