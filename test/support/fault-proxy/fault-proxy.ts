import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../../src/runtime/clock.ts';
import { createAuthority } from '../certificates.ts';
import { readKubeconfig, writeKubeconfig } from '../kubeconfig.ts';
import { Busy } from './busy.ts';
import { isEventFault, statusBody, type EventFault, type RequestFault, type Rule } from './faults.ts';
import type { Snapshot } from './faults.ts';
import { collectionOf, matches, readRequest, type Match, type ProxiedRequest } from './request.ts';
import { SnapshotTaker, answerFromSnapshot } from './snapshots.ts';
import { UpstreamServer, bodyOf, withoutHeaders, type Forwarded } from './upstream.ts';
import { WatchRelay, readEvent } from './watch-relay.ts';

/** A mutating request that the real server has answered. */
export interface AnsweredWrite extends ProxiedRequest {
  readonly status: number;
  /** 1 for the first write; refused ones count. */
  readonly number: number;
  /** As it was sent. */
  readonly body: string;
}

/** `swallow`: the client gets no answer, and its connection stays open. `reset`: its connection breaks. */
export type WriteVerdict = 'swallow' | 'reset' | undefined;

interface ActiveRule extends Rule {
  left: number;
}

/**
 * An HTTPS reverse proxy on loopback between a client and a real API server. It passes everything on faithfully, kept alive on both sides,
 * until rules or a hook say otherwise.
 */
export class FaultProxy {
  /** Path of a kubeconfig with the same credentials, for the proxy's address. */
  readonly kubeconfig: string;
  /** Every request that came, in the order of arrival. */
  readonly requests: ProxiedRequest[] = [];
  /** Every write that the real server has answered, in the order of the answers. */
  readonly writes: AnsweredWrite[] = [];
  /** Called when the real server has answered a write, before the client hears of it. */
  onWriteAnswered: ((write: AnsweredWrite) => WriteVerdict | Promise<WriteVerdict>) | undefined;

  readonly #folder: string;
  readonly #server: Server;
  readonly #upstream: UpstreamServer;
  readonly #snapshots: SnapshotTaker;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<WatchRelay>();
  /** Handshakes, and requests that nothing holds up. */
  readonly #busy = new Busy();
  /** The events that each collection has had, bookmarks left out. */
  readonly #history = new Map<string, string[]>();
  #rules: ActiveRule[] = [];

  private constructor(folder: string, server: Server, upstream: UpstreamServer, clock: Clock) {
    this.#clock = clock;
    this.#folder = folder;
    this.kubeconfig = join(folder, 'kubeconfig');
    this.#server = server;
    this.#upstream = upstream;
    this.#snapshots = new SnapshotTaker(upstream);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
    });
    this.#busy.watchHandshakes(server);
    // A client that goes away in the middle of a handshake.
    server.on('tlsClientError', () => undefined);
    server.on('request', (message: IncomingMessage, response: ServerResponse) => {
      this.#handle(message, response).catch(() => message.socket.destroy());
    });
  }

  /**
   * @param kubeconfig path of the kubeconfig of the real server; it must log in by a token
   * @param clock with another one than the machine's, what the server does by its own clock is done by this one: a bookmark
   *   a minute on each watch, whose end comes when its `timeoutSeconds` have passed
   */
  static async start(kubeconfig: string, clock: Clock = systemClock): Promise<FaultProxy> {
    const { ca, server: target, token } = await readKubeconfig(kubeconfig);
    const authority = createAuthority('fault-proxy-ca');
    const { cert, key } = authority.issue('fault-proxy', ['127.0.0.1']);
    // Idle connections are the client's to close, as with a real API server (90 s).
    const server = createServer({ cert, key, keepAliveTimeout: 90_000, requestTimeout: 0 });
    const folder = await mkdtemp(join(tmpdir(), 'audit-policy-proxy-'));
    const proxy = new FaultProxy(folder, server, new UpstreamServer(target, ca), clock);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const parts = { server: `https://127.0.0.1:${port}`, ca: authority.ca, token };
    await writeKubeconfig(proxy.kubeconfig, parts);
    return proxy;
  }

  /** Makes something go wrong from now on. @returns what makes it right again */
  add({ fault, match, times }: Rule): () => void {
    const rule = { fault, match, left: times ?? Number.POSITIVE_INFINITY };
    this.#rules = [rule, ...this.#rules];
    return () => {
      this.#rules = this.#rules.filter((each) => each !== rule);
    };
  }

  /** Nothing new goes wrong any more; what is silent stays silent. */
  clearRules(): void {
    this.#rules = [];
  }

  /** The requests among `requests` that match, from the one with this index on. */
  seen(match: Match, fromIndex = 1): ProxiedRequest[] {
    return this.requests.filter((request) => request.index >= fromIndex && matches(request, match));
  }

  /** Whether something is under way that will end by itself, without time having to pass. */
  get isBusy(): boolean {
    return this.#busy.isBusy;
  }

  /** Watches that are open now, the silent ones too. */
  openWatches(match: Match = {}): ProxiedRequest[] {
    return this.#relays(match).map(({ request }) => request);
  }

  /** The matching watches that are open now fall silent for good; their connections stay open. */
  silenceWatches(match: Match = {}): void {
    for (const relay of this.#relays(match)) relay.silence();
  }

  /** Ends the matching open watches; with `status`, after an ERROR event with that code (410: expired). */
  endWatches(match: Match = {}, status?: number): void {
    for (const relay of this.#relays(match)) {
      if (status !== undefined) relay.send(JSON.stringify({ type: 'ERROR', object: statusBody(status) }));
      relay.end();
    }
  }

  /** Sends all events that the matching open watches' collections ever had once more, oldest first. @returns how many */
  replay(match: Match): number {
    let count = 0;
    for (const relay of this.#relays(match)) {
      for (const line of this.#history.get(collectionOf(relay.request)) ?? []) {
        relay.send(line);
        count += 1;
      }
    }
    return count;
  }

  /** What the collections that were watched so far hold now, for a `stale` fault. */
  takeSnapshot(): Promise<Snapshot> {
    return this.#snapshots.take();
  }

  /** Breaks every connection that is open now. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.dropConnections();
    this.#upstream.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #relays(match: Match): WatchRelay[] {
    return [...this.#watches].filter(({ request }) => matches(request, match));
  }

  async #handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = message;
    const request = readRequest(this.requests.length + 1, method, url, this.#clock.monotonic());
    this.requests.push(request);
    this.#busy.begin(request);
    response.on('close', () => this.#busy.end(request));
    const forwarded: Forwarded = { method, url, headers: message.headers, body: await bodyOf(message) };
    if (request.isWatchList) this.#snapshots.note(request, forwarded);
    const fault = this.#faultOf(request);
    if (fault !== undefined) request.fault = fault.do;
    switch (fault?.do) {
      case 'answer': {
        const retryAfter = fault.retryAfterSeconds;
        request.status = fault.status;
        response.writeHead(fault.status, {
          'content-type': 'application/json',
          ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        });
        response.end(JSON.stringify(statusBody(fault.status, fault.reason)));
        return;
      }
      case 'stale':
        if (answerFromSnapshot(request, fault.snapshot, response)) {
          this.#busy.end(request);
          return;
        }
        break;
      case 'delay':
        this.#busy.end(request);
        await this.#clock.sleep(fault.ms);
        this.#busy.begin(request);
        break;
      case 'reset':
      case 'silence':
        if (fault.when === 'after') await this.#forward(request, forwarded, response, fault.do);
        else if (fault.do === 'reset') message.socket.destroy();
        this.#busy.end(request);
        return;
      default:
    }
    await this.#forward(request, forwarded, response);
  }

  #faultOf(request: ProxiedRequest): RequestFault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (isEventFault(fault) || rule.left <= 0 || !matches(request, rule.match)) continue;
      rule.left -= 1;
      return fault;
    }
    return undefined;
  }

  #eventFaults(request: ProxiedRequest): EventFault[] {
    const faults: EventFault[] = [];
    for (const { fault, match } of this.#rules) {
      if (isEventFault(fault) && matches(request, match)) faults.push(fault);
    }
    return faults;
  }

  async #forward(
    request: ProxiedRequest,
    forwarded: Forwarded,
    response: ServerResponse,
    then?: 'reset' | 'silence',
  ): Promise<void> {
    const { answer, abandon } = await this.#upstream.send(forwarded);
    const status = answer.statusCode ?? 0;
    if (request.isWatch && status === 200 && then === undefined) {
      this.#relay(request, answer, abandon, response);
      return;
    }
    const body = await bodyOf(answer);
    const verdict = then ?? (await this.#answered(request, status, forwarded));
    if (verdict === 'swallow') this.#busy.end(request);
    if (verdict === 'reset') response.destroy();
    if (verdict !== undefined) return;
    request.status = status;
    const headers = withoutHeaders(answer.headers, 'connection', 'transfer-encoding');
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  }

  async #answered(request: ProxiedRequest, status: number, { body }: Forwarded): Promise<WriteVerdict> {
    if (!request.isWrite) return undefined;
    const write = { ...request, status, number: this.writes.length + 1, body: body.toString('utf8') };
    this.writes.push(write);
    return await this.onWriteAnswered?.(write);
  }

  #relay(
    request: ProxiedRequest,
    answer: IncomingMessage,
    abandon: () => void,
    response: ServerResponse,
  ): void {
    request.status = 200;
    this.#busy.end(request);
    const relay = new WatchRelay(request, response, this.#clock, () => this.#eventFaults(request));
    if (this.#clock !== systemClock) relay.keepTime();
    const collection = collectionOf(request);
    const history = this.#history.get(collection) ?? [];
    this.#history.set(collection, history);
    this.#watches.add(relay);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    response.on('close', () => {
      this.#watches.delete(relay);
      abandon();
    });
    answer.setEncoding('utf8');
    answer.on('data', (chunk: string) => {
      history.push(...relay.push(chunk).filter((line) => readEvent(line).type !== 'BOOKMARK'));
    });
    answer.on('end', () => relay.end());
    // The server has died: so does the stream, as it would without a proxy.
    answer.on('error', () => relay.break());
  }
}
