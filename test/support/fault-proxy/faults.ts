import type { Match } from './request.ts';

/** One event of a watch, as parsed JSON. */
export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** What a collection held at one time: the lines of the initial events of a WatchList, by `collectionOf`. */
export type Snapshot = ReadonlyMap<string, readonly string[]>;

/** What is done to a request. Durations in milliseconds of the machine's clock. */
export type Fault =
  /** The server never sees it; a Status is answered. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection is reset, before the server sees the request or after it has done it. */
  | { readonly do: 'reset'; readonly when: 'before' | 'after' }
  /** No answer ever, and the connection stays open: half-open. */
  | { readonly do: 'silence'; readonly when: 'before' | 'after' }
  | { readonly do: 'delay'; readonly ms: number }
  /** A list or WatchList is answered from a snapshot; after that the stream is silent. */
  | { readonly do: 'stale'; readonly snapshot: Snapshot }
  /** Events of watches that are not passed on; streams that are open already are concerned as well. */
  | { readonly do: 'dropEvents'; readonly event?: (event: WatchEvent) => boolean }
  /** Events that are passed on late, and with them all that come after. */
  | { readonly do: 'delayEvents'; readonly ms: number; readonly event?: (event: WatchEvent) => boolean };

export type EventFault = Extract<Fault, { do: 'dropEvents' | 'delayEvents' }>;
export type RequestFault = Exclude<Fault, EventFault>;

/** A fault for the requests that match, the first `times` of them; a rule added later comes first. */
export interface Rule {
  readonly match: Match;
  readonly fault: Fault;
  /** Default: for ever. */
  readonly times?: number;
}

export function isEventFault(fault: Fault): fault is EventFault {
  return fault.do === 'dropEvents' || fault.do === 'delayEvents';
}

const REASONS: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The body with which an API server refuses. */
export function statusBody(code: number, reason = REASONS[code] ?? 'Unknown'): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `the fault proxy answers ${code}`,
    reason,
    code,
  };
}
