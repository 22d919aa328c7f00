/**
 * Time, as everything in this folder sees it. Production code is given `systemClock`; tests are given a clock that
 * they move by hand, so that a ten-minute back-off takes no ten minutes.
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. May jump; for time stamps only. */
  now(): number;
  /** Milliseconds since an arbitrary start, never going back. For measuring durations and deadlines. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now (at once in a later turn when it is 0 or negative). */
  setTimeout(callback: () => void, delayMs: number): Timer;
  /**
   * Resolves after `delayMs` milliseconds.
   * @throws the signal's reason as soon as `signal` is aborted
   */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** A pending call of `Clock.setTimeout`. */
export interface Timer {
  /** Forgets the call if it has not happened yet; otherwise does nothing. */
  cancel(): void;
}

// Node.js turns a longer delay into 1 ms.
const longestDelayMs = 2 ** 31 - 1;

function setLongTimeout(callback: () => void, delayMs: number): Timer {
  let handle: NodeJS.Timeout;
  const arm = (remainingMs: number): void => {
    handle =
      remainingMs <= longestDelayMs
        ? setTimeout(callback, Math.max(0, remainingMs))
        : setTimeout(() => arm(remainingMs - longestDelayMs), longestDelayMs);
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}

/**
 * Resolves after `delayMs` by `clock`; the one implementation of `Clock.sleep`, shared with test clocks.
 * @throws the signal's reason as soon as `signal` is aborted
 */
export function sleepOn(
  clock: Pick<Clock, 'setTimeout'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(abortReason(signal));
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The reason an aborted signal carries, always as an Error. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new DOMException('The operation was aborted', 'AbortError');
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: setLongTimeout,
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
};
