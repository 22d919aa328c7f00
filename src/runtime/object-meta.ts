/** What the machinery reads of an object of the API. */
export interface ObjectMeta {
  /** `namespace/name`, or `name` for cluster-scoped kinds: the key in stores and queues. */
  readonly key: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly resourceVersion: string;
}

/**
 * Reads the metadata of a parsed object.
 * @throws TypeError when it has no name or no resourceVersion
 */
export function metaOf(raw: unknown): ObjectMeta {
  const metadata = property(raw, 'metadata');
  const name = property(metadata, 'name');
  const namespace = property(metadata, 'namespace');
  const resourceVersion = property(metadata, 'resourceVersion');
  if (typeof name !== 'string' || name === '') throw new TypeError('the object has no metadata.name');
  if (typeof resourceVersion !== 'string' || resourceVersion === '') {
    throw new TypeError(`the object "${name}" has no metadata.resourceVersion`);
  }
  const space = typeof namespace === 'string' && namespace !== '' ? namespace : undefined;
  return { key: keyOf(space, name), namespace: space, name, resourceVersion };
}

/** The key of an object in stores and queues. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The inverse of `keyOf`. */
export function splitKey(key: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = key.indexOf('/');
  if (slash < 0) return { namespace: undefined, name: key };
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The resourceVersion of anything that has one, a bookmark's object for instance. */
export function resourceVersionOf(raw: unknown): string | undefined {
  const resourceVersion = property(property(raw, 'metadata'), 'resourceVersion');
  return typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : undefined;
}

/** One annotation of an object; undefined when it has none of that name. */
export function annotationOf(raw: unknown, name: string): string | undefined {
  const value = property(property(property(raw, 'metadata'), 'annotations'), name);
  return typeof value === 'string' ? value : undefined;
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
