import { metaOf } from './object-meta.ts';
import type { ReflectorHooks } from './reflector-hooks.ts';
import type { StoreItem } from './store.ts';

/** A whole collection while it arrives, projected object by object so that the raw ones can be freed. */
export class Collection<T extends StoreItem> {
  readonly #project: (raw: unknown) => T;
  readonly #hooks: ReflectorHooks | undefined;
  readonly #items = new Map<string, T>();
  /** Keys of objects that exist but could not be projected. */
  readonly #skipped = new Set<string>();

  constructor(project: (raw: unknown) => T, hooks: ReflectorHooks | undefined) {
    this.#project = project;
    this.#hooks = hooks;
  }

  get items(): ReadonlyMap<string, T> {
    return this.#items;
  }

  get skipped(): ReadonlySet<string> {
    return this.#skipped;
  }

  put(raw: unknown): void {
    let key = '';
    try {
      key = metaOf(raw).key;
      const item = this.#project(raw);
      this.#items.set(key, item);
      this.#skipped.delete(key);
    } catch (error) {
      if (key !== '') {
        this.#items.delete(key);
        this.#skipped.add(key);
      }
      this.#hooks?.onSkipped?.({ key, error });
    }
  }

  remove(raw: unknown): void {
    const { key } = metaOf(raw);
    this.#items.delete(key);
    this.#skipped.delete(key);
  }
}
