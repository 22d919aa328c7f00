import { abortReason } from './clock.ts';
import type { Clock } from './clock.ts';
import type { ListWatcher } from './list-watcher.ts';
import { WatchEndedEarlyError, WatchStalledError } from './list-watch-errors.ts';

/** One watch stream and what is to be done with it. */
export interface WatchStreamOptions {
  readonly listWatcher: Pick<ListWatcher, 'watch'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where to resume; undefined: ask for the initial events. */
  readonly resourceVersion: string | undefined;
  readonly timeoutSeconds: number;
  /** How long the stream may be silent just now, in milliseconds. */
  readonly stallTimeoutMs: () => number;
  readonly onOpen: () => void;
  readonly onBytes: () => void;
  /** What it throws ends the stream. */
  readonly onEvent: (type: string, object: unknown) => void;
}

// A server that closes at once without a word would be asked in a hot loop.
const shortestUsefulMs = 1000;

/**
 * Reads one watch stream until the server ends it. No callback is made after it has settled.
 * @throws WatchStalledError after a silence; WatchEndedEarlyError when it ended at once without an event; the
 *   signal's reason; whatever the watch or `onEvent` failed with
 */
export async function runWatchStream(options: WatchStreamOptions): Promise<void> {
  const { listWatcher, clock, signal, resourceVersion } = options;
  const abort = new AbortController();
  const broken = Promise.withResolvers<never>();
  // Nobody waits for it when the watch itself fails first.
  broken.promise.catch(() => undefined);
  const startedAt = clock.monotonic();
  let heardAt = startedAt;
  let events = 0;

  const end = (error: Error): void => {
    broken.reject(error);
    abort.abort(error);
  };
  const onAbort = (): void => end(abortReason(signal));
  const checkSilence = (): void => {
    const idleMs = clock.monotonic() - heardAt;
    const remainingMs = options.stallTimeoutMs() - idleMs;
    if (remainingMs <= 0) end(new WatchStalledError(idleMs));
    else timer = clock.setTimeout(checkSilence, remainingMs);
  };
  let timer = clock.setTimeout(checkSilence, options.stallTimeoutMs());
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });

  let isLive = true;
  const whenLive =
    <A extends unknown[]>(callback: (...args: A) => void) =>
    (...args: A): void => {
      if (isLive && !abort.signal.aborted) callback(...args);
    };
  const hear = (): void => {
    heardAt = clock.monotonic();
  };
  try {
    const watch = listWatcher.watch({
      resourceVersion,
      sendInitialEvents: resourceVersion === undefined,
      timeoutSeconds: options.timeoutSeconds,
      signal: abort.signal,
      onOpen: whenLive(() => {
        hear();
        options.onOpen();
      }),
      onBytes: whenLive(() => {
        hear();
        options.onBytes();
      }),
      onEvent: whenLive((type, object) => {
        events += 1;
        options.onEvent(type, object);
      }),
    });
    // A watch that does not heed its signal must not hold up the next one.
    await Promise.race([watch, broken.promise]);
  } finally {
    isLive = false;
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
  if (events === 0 && clock.monotonic() - startedAt < shortestUsefulMs) {
    throw new WatchEndedEarlyError('the watch ended at once, without an event');
  }
}
