/** Nothing arrived on a watch for too long: the connection is taken for dead. */
export class WatchStalledError extends Error {
  override readonly name = 'WatchStalledError';

  constructor(idleMs: number) {
    super(`nothing arrived on the watch for ${Math.round(idleMs / 1000)} s`);
  }
}

/** A watch ended before it could be of any use. */
export class WatchEndedEarlyError extends Error {
  override readonly name = 'WatchEndedEarlyError';
}

/** A list came back that is older than what was already seen. */
export class StaleListError extends Error {
  override readonly name = 'StaleListError';

  constructor(listed: string, seen: string) {
    super(`the list is of resource version ${listed}, but ${seen} was already seen`);
  }
}

/** What is known of an error of a list or watch: each part may be missing. See `ListWatchError`. */
export interface FailureFacts {
  readonly status: number | undefined;
  /** The place to resume from is no longer (or not) known to the server. */
  readonly isExpired: boolean;
  /** What the server asked for; 0 when nothing. */
  readonly retryAfterMs: number;
}

/** Reads the facts that a reflector acts on from anything that was thrown. */
export function factsOf(error: unknown): FailureFacts {
  const status = numberOf(error, 'status');
  const reason: unknown =
    typeof error === 'object' && error !== null && 'reason' in error ? error.reason : undefined;
  return {
    status,
    isExpired: status === 410 || reason === 'Expired' || reason === 'Gone',
    // An error may carry a slow retry of its own; only an overloaded server's wish counts here.
    retryAfterMs: status === 429 || status === 503 ? Math.max(0, numberOf(error, 'retryAfterMs') ?? 0) : 0,
  };
}

function numberOf(error: unknown, name: 'status' | 'retryAfterMs'): number | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value: unknown = (error as Partial<Record<typeof name, unknown>>)[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
