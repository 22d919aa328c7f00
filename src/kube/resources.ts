/** A kind of the API as its paths name it. */
export interface Resource {
  /** API group; empty for core. */
  readonly group: string;
  readonly version: string;
  /** Lower-case plural, e.g. `configmaps`. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Names one object. */
export interface ObjectName {
  /** Required for namespaced kinds, ignored for the others. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `v1`, or `group/version`. */
export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/**
 * The path of a collection; of one namespace when `namespace` is given, of all of them otherwise. Names are data: they are
 * percent-encoded, so that none can step out of its place.
 * @throws RangeError for a name that no encoding keeps in its place (empty, `.`, `..`)
 */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group === '' ? ['api'] : ['apis', resource.group];
  const scope = resource.namespaced && namespace !== undefined ? ['namespaces', namespace] : [];
  return `/${[...root, resource.version, ...scope, resource.plural].map(encodeSegment).join('/')}`;
}

/**
 * The path of one object or of its subresource.
 * @throws RangeError as `collectionPath`, and for a namespaced kind without a namespace
 */
export function objectPath(
  resource: Resource,
  { namespace, name }: ObjectName,
  subresource?: string,
): string {
  if (resource.namespaced && namespace === undefined) {
    throw new RangeError(`${resource.kind} "${name}" needs a namespace`);
  }
  const path = `${collectionPath(resource, namespace)}/${encodeSegment(name)}`;
  return subresource === undefined ? path : `${path}/${encodeSegment(subresource)}`;
}

function encodeSegment(segment: string): string {
  // URL parsers fold dot segments, encoded or not, so these would address another object.
  if (segment === '' || segment === '.' || segment === '..') {
    throw new RangeError(`"${segment}" cannot be part of an API path`);
  }
  return encodeURIComponent(segment);
}
