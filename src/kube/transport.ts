/** One request to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the server's URL, each segment encoded (see resources.ts). */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON, or as it is when it is a string. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string | undefined;
  /** Default `application/json`. */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole request, waiting for its turn and for retries not counted. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Sent only when no other request waits for its turn. */
  readonly lowPriority?: boolean | undefined;
  /**
   * Asked each time right before the request goes out, when it has its connection and need not wait any more. What it throws
   * ends the request, of which nothing has been sent then.
   */
  readonly guard?: (() => void) | undefined;
  /** False: no retries in the transport (retry-rules.ts); for callers with a back-off of their own. Default true. */
  readonly isRetried?: boolean | undefined;
}

/** Query parameters; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer with a status in 200-299; all others are thrown as `KubeError`. */
export interface KubeResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Parsed JSON; undefined for an empty body, text when the server sent something else than JSON. */
  readonly body: unknown;
}

/** A request whose answer has no end: a watch, a log. Not counted by the limiter, on a connection of its own. */
export interface KubeStreamRequest {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly signal: AbortSignal;
  /** The server answered 200. */
  readonly onOpen?: (() => void) | undefined;
  /** Bytes arrived, `count` of them. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** One line of the answer, without its line feed; never empty. What it throws ends the stream with that error. */
  readonly onLine: (line: string) => void;
}

/** Carries requests to one API server. */
export interface Transport {
  /**
   * Sends a request and reads its answer.
   * @throws KubeError for everything that is not an answer in 200-299
   */
  request(request: KubeRequest): Promise<KubeResponse>;
  /**
   * Opens a stream and reads it to its end.
   * @throws KubeError when it could not be opened or broke; what `onLine` threw
   */
  stream(request: KubeStreamRequest): Promise<void>;
  /** Closes all connections; requests under way fail. */
  close(): void;
}
