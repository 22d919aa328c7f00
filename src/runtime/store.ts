import { isOlder, newerOf } from './resource-version.ts';
import { StorePart } from './store-part.ts';

/** What a store needs to know of an item; the rest is the caller's projection. Items are read-only once stored. */
export interface StoreItem {
  /** `namespace/name`, or `name` for cluster-scoped kinds. */
  readonly key: string;
  /** `metadata.resourceVersion` of the object the item was projected from. */
  readonly resourceVersion: string;
}

/** One difference: created (`before` undefined), changed, or gone (`after` undefined). */
export interface StoreChange<T> {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** Maps an item to the values it is found under in one index. Pure; must not depend on anything but the item. */
export type Indexer<T> = (item: T) => readonly string[];

/** The reading half of a store: what controllers are given. */
export interface ReadonlyStore<T extends StoreItem> {
  readonly size: number;
  /** The newest resource version the collection is known to have had; undefined before the first list. */
  readonly resourceVersion: string | undefined;
  get(key: string): T | undefined;
  /** All items, in no particular order. A copy of the collection, not of the items. */
  list(): T[];
  keys(): string[];
  /**
   * The items that the named indexer maps to `value`, in no particular order.
   * @throws RangeError for an index that does not exist
   */
  byIndex(index: string, value: string): T[];
  /** Calls `listener` after each difference, synchronously; it should do no more than add keys to a queue. */
  subscribe(listener: (change: StoreChange<T>) => void): () => void;
  /**
   * As `subscribe`, for a listener that comes later: first it is told of every item that is here, as of a new one.
   * @param until ends it when aborted; never, when absent
   */
  follow(listener: (change: StoreChange<T>) => void, until?: AbortSignal): void;
}

/** How `Store.replaceAll` takes a list over. */
export interface ReplaceOptions<T extends StoreItem = StoreItem> {
  /** Keys that the list has but that could not be projected: what is known of them stays. */
  readonly retain?: ReadonlySet<string>;
  /** Believe the list whatever the versions are: the server's history began anew. */
  readonly reset?: boolean;
  /** The list is of one namespace, and says nothing of others. */
  readonly part?: StorePart<T>;
}

/**
 * The last known state of one collection of the API, by key.
 *
 * Time only goes forward: an item never gives way to an older version of itself, and a version that is already there
 * notifies nobody. Therefore a controller may put the response to its own write here at once (`upsert(project(body))`):
 * the next reconcile reads its own write, and the watch event that echoes it is recognised by its resource version and
 * enqueues nothing. A response that arrives later than the watch's news of the object's deletion does not bring the object
 * back, since everything up to `resourceVersion` is known to have been seen. Own deletions are left to the
 * watch: their response carries no resource version.
 */
export class Store<T extends StoreItem> implements ReadonlyStore<T> {
  readonly #items = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #listeners = new Set<(change: StoreChange<T>) => void>();
  readonly #parts = new Map<string, StorePart<T>>();
  #resourceVersion: string | undefined;

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    for (const [name, indexer] of Object.entries(indexers)) this.#indexes.set(name, new Index(indexer));
  }

  get size(): number {
    return this.#items.size;
  }

  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /**
   * The items of one namespace, for a reflector of that namespace alone: what it lists replaces nothing of another, and what it
   * has seen tells nothing of another. A store is filled whole, or in parts.
   */
  part(namespace: string): StorePart<T> {
    let part = this.#parts.get(namespace);
    if (part === undefined) {
      part = new StorePart(this, namespace);
      this.#parts.set(namespace, part);
    }
    return part;
  }

  /** What the reflector fills that tells of `key`: a part, or the store itself. */
  sinkOf(key: string): Store<T> | StorePart<T> {
    return this.#parts.size === 0 ? this : this.part(namespaceOf(key));
  }

  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  list(): T[] {
    return [...this.#items.values()];
  }

  keys(): string[] {
    return [...this.#items.keys()];
  }

  byIndex(index: string, value: string): T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new RangeError(`the store has no index "${index}"`);
    const items: T[] = [];
    for (const key of found.keys(value)) {
      const item = this.#items.get(key);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  subscribe(listener: (change: StoreChange<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  follow(listener: (change: StoreChange<T>) => void, until?: AbortSignal): void {
    if (until?.aborted === true) return;
    for (const item of this.list()) listener({ key: item.key, before: undefined, after: item });
    const unsubscribe = this.subscribe(listener);
    until?.addEventListener('abort', unsubscribe, { once: true });
  }

  /**
   * Stores a newer version of an item, from a watch event or the response to an own write.
   * @returns whether the store changed
   * @throws AggregateError when listeners threw; the item is stored and all of them were called
   */
  upsert(item: T): boolean {
    if (!this.#isNews(item, this.sinkOf(item.key).resourceVersion)) return false;
    this.#notify([this.#put(item)]);
    return true;
  }

  /**
   * Removes an item, if it is not newer than the deletion.
   * @param resourceVersion the version of the deletion, as its watch event has it; when given, it counts as seen
   * @returns whether the store changed
   * @throws AggregateError as `upsert`
   */
  remove(key: string, resourceVersion?: string): boolean {
    const before = this.#items.get(key);
    const isStale =
      before !== undefined &&
      resourceVersion !== undefined &&
      isOlder(resourceVersion, before.resourceVersion);
    if (resourceVersion !== undefined) this.sinkOf(key).observe(resourceVersion);
    if (before === undefined || isStale) return false;
    this.#notify([this.#delete(before)]);
    return true;
  }

  /**
   * Takes over a complete list made at `resourceVersion`, and notifies of each difference. Items that are here in a version
   * newer than the list (own writes) stay. A list older than what was already seen brings back nothing that was seen to
   * be deleted since.
   * @throws AggregateError as `upsert`
   */
  replaceAll(items: Iterable<T>, resourceVersion: string, options: ReplaceOptions<T> = {}): void {
    const isReset = options.reset === true;
    const { part } = options;
    const seen = (part ?? this).resourceVersion;
    const isStale = seen !== undefined && isOlder(resourceVersion, seen);
    const listed = new Set<string>(options.retain);
    const changes: StoreChange<T>[] = [];
    for (const item of items) {
      listed.add(item.key);
      const isChange = isReset
        ? this.#items.get(item.key)?.resourceVersion !== item.resourceVersion
        : this.#isNews(item, isStale ? seen : undefined);
      if (isChange) changes.push(this.#put(item));
    }
    for (const [key, item] of this.#items) {
      if (listed.has(key)) continue;
      if (part !== undefined && namespaceOf(key) !== part.namespace) continue;
      if (!isReset && isOlder(resourceVersion, item.resourceVersion)) continue;
      changes.push(this.#delete(item));
    }
    if (part === undefined)
      this.#resourceVersion = isReset ? resourceVersion : newerOf(seen, resourceVersion);
    this.#notify(changes);
  }

  /** Notes that everything up to `resourceVersion` has been seen: called for each watch event and bookmark. */
  observe(resourceVersion: string): void {
    this.#resourceVersion = newerOf(this.#resourceVersion, resourceVersion);
  }

  /** @param seen an absent item up to this version was deleted since */
  #isNews(item: T, seen: string | undefined): boolean {
    const known = this.#items.get(item.key);
    if (known !== undefined) {
      return (
        known.resourceVersion !== item.resourceVersion &&
        !isOlder(item.resourceVersion, known.resourceVersion)
      );
    }
    return seen === undefined || (item.resourceVersion !== seen && !isOlder(item.resourceVersion, seen));
  }

  #put(item: T): StoreChange<T> {
    const before = this.#items.get(item.key);
    this.#items.set(item.key, item);
    for (const index of this.#indexes.values()) index.move(item.key, before, item);
    return { key: item.key, before, after: item };
  }

  #delete(before: T): StoreChange<T> {
    this.#items.delete(before.key);
    for (const index of this.#indexes.values()) index.move(before.key, before, undefined);
    return { key: before.key, before, after: undefined };
  }

  #notify(changes: readonly StoreChange<T>[]): void {
    const errors: unknown[] = [];
    for (const change of changes) {
      for (const listener of this.#listeners) {
        try {
          listener(change);
        } catch (error) {
          errors.push(error);
        }
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'a listener of the store threw');
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}

class Index<T> {
  readonly #indexer: Indexer<T>;
  readonly #keysByValue = new Map<string, Set<string>>();

  constructor(indexer: Indexer<T>) {
    this.#indexer = indexer;
  }

  keys(value: string): Iterable<string> {
    return this.#keysByValue.get(value) ?? [];
  }

  move(key: string, before: T | undefined, after: T | undefined): void {
    for (const value of before === undefined ? [] : this.#indexer(before)) {
      const keys = this.#keysByValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByValue.delete(value);
    }
    for (const value of after === undefined ? [] : this.#indexer(after)) {
      const keys = this.#keysByValue.get(value);
      if (keys === undefined) this.#keysByValue.set(value, new Set([key]));
      else keys.add(key);
    }
  }
}
