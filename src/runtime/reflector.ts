import { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { Collection } from './collection.ts';
import type { ListWatcher } from './list-watcher.ts';
import { annotationOf, metaOf, resourceVersionOf } from './object-meta.ts';
import type { Random } from './random.ts';
import { factsOf, StaleListError, WatchEndedEarlyError } from './list-watch-errors.ts';
import type { ReflectorFailure, ReflectorHooks } from './reflector-hooks.ts';
import { isOlder, newerOf } from './resource-version.ts';
import type { Store, StoreItem } from './store.ts';
import { runWatchStream } from './watch-stream.ts';

/** The writing half of a store: what a reflector fills. */
export type ReflectorSink<T extends StoreItem> = Pick<
  Store<T>,
  'upsert' | 'remove' | 'replaceAll' | 'observe' | 'resourceVersion'
>;

/** What a reflector is made of. All durations in milliseconds. */
export interface ReflectorOptions<T extends StoreItem> {
  /** For errors and metrics, e.g. `configmaps`. */
  readonly name: string;
  readonly listWatcher: ListWatcher;
  readonly sink: ReflectorSink<T>;
  /**
   * Turns an object, as parsed JSON, into what is kept of it; `key` and `resourceVersion` must be those of `metaOf(raw)`. When it
   * throws, the object is counted and skipped, and what was known of it stays.
   */
  readonly project: (raw: unknown) => T;
  readonly clock: Clock;
  readonly random: Random;
  readonly hooks?: ReflectorHooks | undefined;
  /** Try WatchList before paged lists. Default true. */
  readonly preferWatchList?: boolean | undefined;
  /** Objects a page of a paged list. Default 500. */
  readonly pageLimit?: number | undefined;
  /** The whole collection is read again this often (less up to a tenth), in case events got lost. Default one hour. */
  readonly relistIntervalMs?: number | undefined;
  /** A stream silent for this long is given up. At least two bookmarks' time. Default 150,000. */
  readonly stallTimeoutMs?: number | undefined;
}

/**
 * `starting`: nothing is known yet. `synced`: the store has been filled at least once. `notServed`: the server does not know the
 * kind (its CRD is missing); it is asked again, ever less often, up to every half minute; the store keeps what it had.
 */
export type ReflectorState = 'starting' | 'synced' | 'notServed';

const initialEventsEnd = 'k8s.io/initial-events-end';
// While the initial events come, silence means a server that does not know what was asked.
const initialStallTimeoutMs = 30_000;
const failedWatchListsBeforeList = 2;
// A server that fails so often on one resource version may not know it.
const failedResumesBeforeList = 3;
// Lists that stay older than what was seen, so many and for so long, come from no lagging replica but a restored backup.
const staleListsBelieved = 5;
const staleListsBelievedAfterMs = 120_000;

/**
 * Keeps a store equal to a collection of the API, for ever: the whole collection first, then a watch from there; the
 * next watch from where the last one ended; the whole collection again when the server has forgotten that place. Nothing
 * but its signal ends it.
 */
export class Reflector<T extends StoreItem> {
  readonly name: string;
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  readonly #ready = Promise.withResolvers<undefined>();
  #state: ReflectorState = 'starting';
  #lastContactAt: number | undefined;
  #phase: ReflectorFailure['phase'] = 'list';
  /** Where the next watch resumes; undefined: the whole collection first. */
  #resumeFrom: string | undefined;
  #relistAt = Number.POSITIVE_INFINITY;
  #isWatchListServed: boolean;
  #failedWatchLists = 0;
  #failedResumes = 0;
  #staleLists = 0;
  #staleSince = 0;

  constructor(options: ReflectorOptions<T>) {
    this.name = options.name;
    this.#options = options;
    this.#isWatchListServed = options.preferWatchList ?? true;
    const { clock, random } = options;
    this.#backoff = new Backoff(clock, random, { baseMs: 800, maxMs: 30_000, resetAfterMs: 120_000 });
  }

  get state(): ReflectorState {
    return this.#state;
  }

  /** Resolves once the state is no longer `starting`; look at `state` then. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** When the server was last heard, by the monotonic clock; undefined before the first time. */
  get lastContactAt(): number | undefined {
    return this.#lastContactAt;
  }

  /** Runs until `signal` is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, hooks } = this.#options;
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        await this.#step(signal);
        this.#failedResumes = 0;
      } catch (error) {
        if (isOver()) return;
        const phase = this.#phase;
        const retryInMs = this.#afterFailure(error);
        hooks?.onError?.({ error, phase, retryInMs });
        if (retryInMs > 0) await clock.sleep(retryInMs, signal).catch(() => undefined);
      }
    }
  }

  /** One list, or one stream to its end. */
  async #step(signal: AbortSignal): Promise<void> {
    if (this.#options.clock.monotonic() >= this.#relistAt) this.#resumeFrom = undefined;
    if (this.#resumeFrom !== undefined) this.#phase = 'watch';
    else if (this.#isWatchListServed && this.#failedWatchLists < failedWatchListsBeforeList)
      this.#phase = 'watchList';
    else this.#phase = 'list';
    if (this.#phase === 'list') await this.#list(signal);
    else await this.#watch(signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { clock, hooks, listWatcher, project, pageLimit: limit = 500 } = this.#options;
    const startedAt = clock.monotonic();
    const collection = new Collection(project, hooks);
    let continueToken: string | undefined;
    do {
      const page = await listWatcher.list({ limit, continueToken, signal });
      this.#lastContactAt = clock.monotonic();
      for (const raw of page.items) collection.put(raw);
      continueToken = page.continueToken;
      if (continueToken === undefined) this.#takeOver(collection, page.resourceVersion, startedAt);
    } while (continueToken !== undefined);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, hooks, listWatcher, project, stallTimeoutMs = 150_000 } = this.#options;
    const startedAt = clock.monotonic();
    let collection = this.#phase === 'watchList' ? new Collection(project, hooks) : undefined;
    const hear = (): void => {
      this.#lastContactAt = clock.monotonic();
    };
    await runWatchStream({
      listWatcher,
      clock,
      signal,
      resourceVersion: this.#resumeFrom,
      timeoutSeconds: this.#watchTimeoutSeconds(),
      stallTimeoutMs: () =>
        collection === undefined ? stallTimeoutMs : Math.min(stallTimeoutMs, initialStallTimeoutMs),
      onOpen: () => {
        hear();
        hooks?.onWatchOpen?.();
      },
      onBytes: hear,
      onEvent: (type, object) => {
        hooks?.onEvent?.(type);
        if (collection === undefined) this.#apply(type, object);
        else if (type === 'BOOKMARK') {
          if (annotationOf(object, initialEventsEnd) !== 'true') return;
          const resourceVersion = resourceVersionOf(object);
          if (resourceVersion === undefined) {
            throw new WatchEndedEarlyError(
              'the bookmark that ends the initial events has no resourceVersion',
            );
          }
          this.#takeOver(collection, resourceVersion, startedAt);
          collection = undefined;
        } else if (type === 'DELETED') collection.remove(object);
        else collection.put(object);
      },
    });
    if (collection !== undefined) {
      throw new WatchEndedEarlyError('the watch ended before all initial events had come');
    }
  }

  /** Ends in time for the next relist. */
  #watchTimeoutSeconds(): number {
    const { clock, random } = this.#options;
    const untilRelist = Math.ceil((this.#relistAt - clock.monotonic()) / 1000);
    return Math.max(5, Math.min(Math.round(300 + random() * 300), untilRelist));
  }

  #takeOver(collection: Collection<T>, resourceVersion: string, startedAt: number): void {
    const { clock, hooks, random, sink, relistIntervalMs = 3_600_000 } = this.#options;
    const isReset = this.#checkAge(resourceVersion);
    const { items, skipped: retain } = collection;
    this.#notifying(() => sink.replaceAll(items.values(), resourceVersion, { retain, reset: isReset }));
    this.#resumeFrom = resourceVersion;
    this.#failedWatchLists = 0;
    const now = clock.monotonic();
    this.#relistAt = now + relistIntervalMs * (1 - random() / 10);
    this.#state = 'synced';
    const by = this.#phase === 'watchList' ? 'watchList' : 'list';
    // From here on the stream is an ordinary watch.
    this.#phase = 'watch';
    this.#ready.resolve(undefined);
    hooks?.onSynced?.({ items: items.size, durationMs: now - startedAt, by, isReset });
  }

  /**
   * @returns whether the list is older than what was seen and yet to be believed
   * @throws StaleListError when it is older and not (yet) to be believed
   */
  #checkAge(resourceVersion: string): boolean {
    const seen = this.#options.sink.resourceVersion;
    if (seen === undefined || !isOlder(resourceVersion, seen)) {
      this.#staleLists = 0;
      return false;
    }
    const now = this.#options.clock.monotonic();
    if (this.#staleLists === 0) this.#staleSince = now;
    this.#staleLists += 1;
    if (this.#staleLists < staleListsBelieved || now - this.#staleSince < staleListsBelievedAfterMs) {
      throw new StaleListError(resourceVersion, seen);
    }
    this.#staleLists = 0;
    return true;
  }

  /** One event of a watch after the initial events. */
  #apply(type: string, object: unknown): void {
    const { hooks, project, sink } = this.#options;
    let key = '';
    try {
      if (type === 'DELETED') {
        const meta = metaOf(object);
        key = meta.key;
        this.#notifying(() => sink.remove(key, meta.resourceVersion));
      } else if (type === 'ADDED' || type === 'MODIFIED') {
        key = metaOf(object).key;
        const item = project(object);
        this.#notifying(() => sink.upsert(item));
      }
    } catch (error) {
      hooks?.onSkipped?.({ key, error });
    }
    const resourceVersion = resourceVersionOf(object);
    if (resourceVersion === undefined) return;
    // After upsert: what the store has seen, it takes for old.
    sink.observe(resourceVersion);
    this.#resumeFrom = newerOf(this.#resumeFrom, resourceVersion);
  }

  #notifying(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#options.hooks?.onListenerError?.(error);
    }
  }

  /** Decides how to go on; returns after how many milliseconds. */
  #afterFailure(error: unknown): number {
    const { status, isExpired, retryAfterMs } = factsOf(error);
    if (this.#phase === 'watchList') {
      if (status === 400 || status === 422) {
        this.#isWatchListServed = false;
        return 0;
      }
      this.#failedWatchLists += 1;
    }
    if (status === 404) {
      this.#state = 'notServed';
      this.#ready.resolve(undefined);
    }
    // 504 is the answer to a resource version from the future.
    if (status === 500 || status === 504) this.#failedResumes += 1;
    const isUnknown = isExpired || status === 400 || status === 404;
    if (isUnknown || this.#failedResumes >= failedResumesBeforeList) {
      this.#resumeFrom = undefined;
      this.#failedResumes = 0;
    }
    return Math.max(this.#backoff.next(), retryAfterMs);
  }
}
