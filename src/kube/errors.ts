import type { RetryClass } from '../runtime/retry.ts';

/** What went wrong, in a word to match on. The first group is the server's answer, the last four never got one. */
export type KubeErrorCode =
  | 'BadRequest' // 400
  | 'Unauthorized' // 401
  | 'Forbidden' // 403
  | 'NotFound' // 404
  | 'MethodNotAllowed' // 405
  | 'AlreadyExists' // 409, reason AlreadyExists
  | 'Conflict' // any other 409: resourceVersion, uid, or a field owned by another manager (see `conflicts`)
  | 'Gone' // 410, reasons Gone and Expired
  | 'TooLarge' // 413, and the 500 of an object that etcd does not take
  | 'UnsupportedMediaType' // 415
  | 'Invalid' // 422
  | 'TooManyRequests' // 429
  | 'ServerError' // 5xx
  | 'Unexpected' // any other status
  | 'Timeout' // no answer in time
  | 'Network' // no connection, or one that broke; also TLS and credential trouble
  | 'InvalidResponse' // an answer that is not what the API speaks
  | 'Aborted'; // the caller's signal

/** The retry classes of docs/architecture, as far as an answer of the API can tell them. */
export type KubeErrorClass = 'terminal' | 'wait' | 'conflict' | 'transient' | 'permission' | 'aborted';

/** One cause of a Status: why a field was refused, or who else owns it. */
export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** A field that an unforced server-side apply may not take. */
export interface FieldConflict {
  /** Path as the server spells it, e.g. `.spec.values.audit`. */
  readonly field: string;
  /** The manager that owns the field; empty when the server did not say. */
  readonly manager: string;
}

/** How a `KubeError` is made; see there. */
export interface KubeErrorInit {
  readonly code: KubeErrorCode;
  readonly message: string;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

const longestMessage = 1024;
// Somebody must change a permission or another manager's field: looking again often would only be noise.
const fieldConflictRetryMs = 300_000;
const waitRetryMs = 60_000;
// Shorter: an API server that has just started refuses for some seconds what it will allow.
const permissionRetryMs = 30_000;

/**
 * Any failure of a request to the API. The message is the server's own (bounded), never a header or a body, so it may
 * be logged and shown. It is `Retriable` (runtime/retry.ts): `retry` says what a controller does with it.
 */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: KubeErrorCode;
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The Status' reason, e.g. `NotFound`; undefined when there was no Status. */
  readonly reason: string | undefined;
  readonly causes: readonly StatusCause[];
  /** The fields owned by others, when this is a refused server-side apply; otherwise empty. */
  readonly conflicts: readonly FieldConflict[];
  readonly errorClass: KubeErrorClass;
  readonly retry: RetryClass;
  /** For `after` the delay; for `backoff` the server's Retry-After, if it sent one. Milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(init: KubeErrorInit) {
    super(bounded(init.message), init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.status = init.status;
    this.reason = init.reason;
    this.causes = init.causes ?? [];
    this.conflicts = this.causes.filter(isFieldConflict).map(toFieldConflict);
    this.errorClass = classes[init.code];
    const slowMs = slowRetryOf(this.errorClass, this.conflicts.length > 0);
    this.retry = this.errorClass === 'terminal' ? 'terminal' : slowMs === undefined ? 'backoff' : 'after';
    this.retryAfterMs = init.retryAfterMs ?? slowMs;
  }
}

/** Whether `error` is a `KubeError` of one of `codes`. */
export function isKubeError(error: unknown, ...codes: readonly KubeErrorCode[]): error is KubeError {
  return error instanceof KubeError && (codes.length === 0 || codes.includes(error.code));
}

/**
 * The error for an answer with a status outside 200-299, or for the Status of an ERROR watch event.
 * @param body the parsed body; a Status object if the API server itself answered
 * @param retryAfterMs from the Retry-After header; the Status' `details.retryAfterSeconds` counts without one
 */
export function errorFromStatus(status: number, body: unknown, retryAfterMs?: number): KubeError {
  const parsed = parseStatus(body);
  return new KubeError({
    code: isTooLargeForStorage(status, parsed.message) ? 'TooLarge' : codeOf(status, parsed.reason),
    message: parsed.message === '' ? `the server answered ${status}` : parsed.message,
    status,
    reason: parsed.reason,
    causes: parsed.causes,
    retryAfterMs: retryAfterMs ?? parsed.retryAfterMs,
  });
}

/** What etcd does not take is answered as 500 without a reason: only the words tell that no retry will ever help. */
function isTooLargeForStorage(status: number, message: string): boolean {
  return (
    status === 500 &&
    (message.startsWith('etcdserver: request is too large') ||
      message.startsWith('rpc error: code = ResourceExhausted desc = trying to send message larger than max'))
  );
}

function codeOf(status: number, reason: string | undefined): KubeErrorCode {
  if (reason === 'Expired' || reason === 'Gone') return 'Gone';
  if (status === 409) return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict';
  return codesByStatus.get(status) ?? (status >= 500 ? 'ServerError' : 'Unexpected');
}

const codesByStatus = new Map<number, KubeErrorCode>([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [410, 'Gone'],
  [413, 'TooLarge'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
]);

const classes: Readonly<Record<KubeErrorCode, KubeErrorClass>> = {
  BadRequest: 'terminal',
  MethodNotAllowed: 'terminal',
  TooLarge: 'terminal',
  UnsupportedMediaType: 'terminal',
  Invalid: 'terminal',
  NotFound: 'wait',
  AlreadyExists: 'conflict',
  Conflict: 'conflict',
  Gone: 'conflict',
  Unauthorized: 'permission',
  Forbidden: 'permission',
  TooManyRequests: 'transient',
  ServerError: 'transient',
  Unexpected: 'transient',
  Timeout: 'transient',
  Network: 'transient',
  InvalidResponse: 'transient',
  Aborted: 'aborted',
};

function slowRetryOf(errorClass: KubeErrorClass, hasFieldConflict: boolean): number | undefined {
  if (errorClass === 'conflict' && hasFieldConflict) return fieldConflictRetryMs;
  if (errorClass === 'permission') return permissionRetryMs;
  return errorClass === 'wait' ? waitRetryMs : undefined;
}

function isFieldConflict(cause: StatusCause): boolean {
  return cause.reason === 'FieldManagerConflict';
}

function toFieldConflict({ field, message }: StatusCause): FieldConflict {
  // The manager's name has no field of its own in a Status: `conflict with "helm" using v1`.
  return { field, manager: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? '' };
}

interface ParsedStatus {
  readonly message: string;
  readonly reason: string | undefined;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | undefined;
}

function parseStatus(body: unknown): ParsedStatus {
  const status = asRecord(body);
  if (status.kind !== 'Status')
    return { message: '', reason: undefined, causes: [], retryAfterMs: undefined };
  const details = asRecord(status.details);
  const seconds = details.retryAfterSeconds;
  return {
    message: asString(status.message),
    reason: asString(status.reason) || undefined,
    causes: (Array.isArray(details.causes) ? details.causes.slice(0, 100) : []).map(parseCause),
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

function parseCause(value: unknown): StatusCause {
  const cause = asRecord(value);
  return {
    reason: asString(cause.reason),
    field: bounded(asString(cause.field)),
    message: bounded(asString(cause.message)),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function asString(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function bounded(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage - 1)}…`;
}
