import { newerOf } from './resource-version.ts';
import type { ReplaceOptions, Store, StoreItem } from './store.ts';

/** The items of one namespace in a store that holds several: what a reflector of that namespace fills. */
export class StorePart<T extends StoreItem> {
  readonly namespace: string;
  readonly #store: Store<T>;
  #resourceVersion: string | undefined;

  constructor(store: Store<T>, namespace: string) {
    this.#store = store;
    this.namespace = namespace;
  }

  /** The newest resource version that the collection of this namespace is known to have had; undefined before the first list. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** See `Store.upsert`. */
  upsert(item: T): boolean {
    return this.#store.upsert(item);
  }

  /** See `Store.remove`. */
  remove(key: string, resourceVersion?: string): boolean {
    return this.#store.remove(key, resourceVersion);
  }

  /** See `Store.replaceAll`; items of other namespaces stay as they are. */
  replaceAll(
    items: Iterable<T>,
    resourceVersion: string,
    options: Omit<ReplaceOptions<T>, 'part'> = {},
  ): void {
    const seen = this.#resourceVersion;
    try {
      this.#store.replaceAll(items, resourceVersion, { ...options, part: this });
    } finally {
      this.#resourceVersion = options.reset === true ? resourceVersion : newerOf(seen, resourceVersion);
    }
  }

  /** See `Store.observe`. */
  observe(resourceVersion: string): void {
    this.#resourceVersion = newerOf(this.#resourceVersion, resourceVersion);
  }
}
