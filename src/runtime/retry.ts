/**
 * What is to be done with a key whose reconcile threw:
 * - `backoff`: again, after the queue's growing delay for this key;
 * - `after`: again, after `retryAfterMs`;
 * - `terminal`: not again until something changes (an event on one of its objects adds the key anyway).
 */
export type RetryClass = 'backoff' | 'after' | 'terminal';

/** An error that says how it wants to be retried. Read structurally: no class of this folder need be extended. */
export interface Retriable {
  readonly retry: RetryClass;
  /** Milliseconds; required for `after`, a lower bound for `backoff`. */
  readonly retryAfterMs?: number | undefined;
}

/** How `error` wants to be retried; `backoff` for anything that does not say, since a bug may be a passing one. */
export function retryOf(error: unknown): { readonly retry: RetryClass; readonly retryAfterMs: number } {
  if (typeof error !== 'object' || error === null) return { retry: 'backoff', retryAfterMs: 0 };
  const retry: unknown = 'retry' in error ? error.retry : undefined;
  const retryAfterMs = delayOf(error);
  if (retry === 'terminal') return { retry, retryAfterMs: 0 };
  if (retry === 'after' && retryAfterMs > 0) return { retry, retryAfterMs };
  return { retry: 'backoff', retryAfterMs };
}

function delayOf(error: object): number {
  const value: unknown = 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
