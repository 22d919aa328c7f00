/**
 * The two requests a reflector makes, as functions, so that it knows no transport. Errors are read structurally, see
 * `ListWatchError`.
 */
export interface ListWatcher {
  /** One page of the collection. */
  list(request: ListRequest): Promise<ListPage>;
  /**
   * One watch stream. Resolves when the server ended it; rejects on any other end, an ERROR event included (with the status of
   * its Status), and with what a callback threw. Callbacks are made in the order of the stream.
   */
  watch(request: WatchRequest): Promise<void>;
}

export interface ListRequest {
  /** Objects a page. */
  readonly limit: number;
  /** The previous page's `continueToken`; undefined for the first page, which is then read from the newest state. */
  readonly continueToken: string | undefined;
  readonly signal: AbortSignal;
}

export interface ListPage {
  /** The objects as parsed JSON. */
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Undefined on the last page. */
  readonly continueToken: string | undefined;
}

export interface WatchRequest {
  /** Where to resume; undefined together with `sendInitialEvents`. */
  readonly resourceVersion: string | undefined;
  /** Ask for the whole collection first, as ADDED events ended by an annotated bookmark (WatchList). */
  readonly sendInitialEvents: boolean;
  /** When the server shall end the stream. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** The server accepted the watch. */
  readonly onOpen: () => void;
  /** Bytes arrived: the connection lives. */
  readonly onBytes: () => void;
  /** One event of the stream: ADDED, MODIFIED, DELETED or BOOKMARK. */
  readonly onEvent: (type: string, object: unknown) => void;
}

/** What a reflector looks at in an error that `list` or `watch` rejected with; all of it may be absent. */
export interface ListWatchError {
  /** HTTP status. */
  readonly status?: number | undefined;
  /** The Status' reason. */
  readonly reason?: string | undefined;
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}
