import type { KubeError } from './errors.ts';
import { isStaleSocketError } from './exchange.ts';
import type { KubeRequest } from './transport.ts';
import type { Random } from '../runtime/random.ts';

/** How often a request has been sent again, and why. */
export interface RetryCount {
  overload: number;
  network: number;
}

const mostOverloadRetries = 3;
// Longer waits are the caller's: it has better things to do meanwhile.
const longestWaitMs = 10_000;

/**
 * Whether the transport itself sends a failed request again, and after how many milliseconds; undefined: no, the caller learns of the
 * failure. Counts the retry when there is one.
 *
 * - 429: the API server refused the request before it did anything, so any request is sent again, at most three times,
 *   after Retry-After (1 s without one, doubling) and a little more, so that many do not come back together.
 * - 503 with Retry-After: the same for requests that may be done twice.
 * - A kept-alive connection that turned out to be closed: once, at once, for requests that may be done twice.
 * - Any other broken or impossible connection: once, at once, for a GET.
 */
export function retryDelay(
  request: KubeRequest,
  error: KubeError,
  count: RetryCount,
  random: Random,
): number | undefined {
  if (error.code === 'TooManyRequests' || (error.status === 503 && error.retryAfterMs !== undefined)) {
    if (error.code !== 'TooManyRequests' && !isRepeatable(request)) return undefined;
    const delayMs = (error.retryAfterMs ?? 1000 * 2 ** count.overload) * (1 + random() / 4);
    if (count.overload >= mostOverloadRetries || delayMs > longestWaitMs) return undefined;
    count.overload += 1;
    return delayMs;
  }
  if (error.code !== 'Network' || count.network > 0) return undefined;
  if (request.method !== 'GET' && !(isStaleSocketError(error) && isRepeatable(request))) return undefined;
  count.network += 1;
  return 0;
}

/**
 * Whether doing the request twice leaves the API as doing it once does. A POST may create two objects or answer AlreadyExists to
 * its own work, and a JSON patch may fail the `test` that it itself made false.
 */
export function isRepeatable({ contentType, method }: KubeRequest): boolean {
  if (method === 'POST') return false;
  return method !== 'PATCH' || contentType !== 'application/json-patch+json';
}
