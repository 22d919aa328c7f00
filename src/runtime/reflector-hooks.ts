/** Callbacks of a reflector, for logs and metrics. All optional; none may throw. */
export interface ReflectorHooks {
  /** The store has been filled from a whole collection. */
  readonly onSynced?: (info: SyncInfo) => void;
  /** A watch was accepted by the server. */
  readonly onWatchOpen?: () => void;
  /** An event arrived (bookmarks and initial events included), of this type. */
  readonly onEvent?: (type: string) => void;
  /** A list or watch failed; the next try is `retryInMs` milliseconds away. */
  readonly onError?: (failure: ReflectorFailure) => void;
  /** An object was skipped, because `project` threw or it has no usable metadata. */
  readonly onSkipped?: (skipped: SkippedObject) => void;
  /** A listener of the store threw; the store itself is as it should be. */
  readonly onListenerError?: (error: unknown) => void;
}

/** One complete read of a collection. */
export interface SyncInfo {
  readonly items: number;
  readonly durationMs: number;
  readonly by: 'list' | 'watchList';
  /** The server's history began anew (a restored backup), and the list was believed although older than what was known. */
  readonly isReset: boolean;
}

/** What failed, and when it is tried again. */
export interface ReflectorFailure {
  /**
   * What the list or watch rejected with, or one of list-watch-errors.ts. With phase `watchList` and status 400 or 422 it is
   * only an old server's way to say that it has no WatchList: the reflector goes on with paged lists.
   */
  readonly error: unknown;
  readonly phase: 'list' | 'watch' | 'watchList';
  readonly retryInMs: number;
}

/** An object that could not be used. */
export interface SkippedObject {
  /** Empty when it has no usable metadata. */
  readonly key: string;
  readonly error: unknown;
}
