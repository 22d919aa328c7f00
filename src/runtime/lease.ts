/** Who leads, as the API keeps it, so that all replicas see the same. */
export interface LeaseRecord {
  /** Empty when it was given back. */
  readonly holder: string;
  /** For so long after the last change that anybody has seen, nobody else may take it. */
  readonly durationMs: number;
  /** Epoch milliseconds, by the holder's clock: for people, nothing is decided by it. */
  readonly acquiredAt: number;
  readonly renewedAt: number;
  /** How often it went to another holder. */
  readonly transitions: number;
}

/** A record as it was read, or as a write has left it. */
export interface StoredLease extends LeaseRecord {
  /** Differs after each write, whoever made it. */
  readonly resourceVersion: string;
}

/** The one lease that an elector is about. Errors are read structurally, see `LeaseError`. */
export interface LeaseClient {
  /** Undefined when there is none. */
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  /** Fails when there is one. */
  create(record: LeaseRecord, signal: AbortSignal): Promise<StoredLease>;
  /** Fails when there has been another write since `before`. */
  update(record: LeaseRecord, before: StoredLease, signal: AbortSignal): Promise<StoredLease>;
  /** Tells of the lease as it is and of each change, until the server ends it; a deleted one is told as undefined. */
  watch(onChange: (lease: StoredLease | undefined) => void, signal: AbortSignal): Promise<void>;
}

/** What an elector looks at in an error of its client. */
export interface LeaseError {
  /** HTTP status: 409 for a lost race, 404 for a lease that is gone. */
  readonly status?: number | undefined;
}
