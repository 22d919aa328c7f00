/** A request as the proxy saw it. */
export interface ProxiedRequest {
  /** 1 for the first request of all. */
  readonly index: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Plural name of the kind, e.g. `helmreleases`; empty for paths outside the API's collections. */
  readonly kind: string;
  readonly namespace: string | undefined;
  /** Undefined for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly isWatch: boolean;
  /** A watch that begins with the whole collection. */
  readonly isWatchList: boolean;
  /** A GET of a whole collection that is no watch. */
  readonly isList: boolean;
  /** POST, PUT, PATCH or DELETE that is no dry run. */
  readonly isWrite: boolean;
  /** When it came, by the proxy's monotonic clock, milliseconds. */
  readonly at: number;
  /** Status that the client was answered; undefined while, or because, it was not. */
  status?: number;
  /** What was done to it on purpose, if anything. */
  fault?: string;
}

/** Which requests are meant: all the parts that are given must hold. */
export interface Match {
  readonly method?: string;
  /** Plural: `configmaps`. */
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** `''`: none. */
  readonly subresource?: string;
  readonly isWatch?: boolean;
  readonly isWatchList?: boolean;
  readonly isList?: boolean;
  readonly isWrite?: boolean;
  readonly also?: (request: ProxiedRequest) => boolean;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Reads what the API's path and query say about a request.
 * @param url path with its query
 * @param at when it came
 */
export function readRequest(index: number, method: string, url: string, at: number): ProxiedRequest {
  const { pathname, searchParams: query } = new URL(url, 'https://proxy');
  const place = readPlace(pathname);
  const isTrue = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const isRead = method === 'GET';
  const isWatch = isRead && isTrue('watch');
  return {
    index,
    method,
    path: pathname,
    query,
    ...place,
    isWatch,
    isWatchList: isWatch && isTrue('sendInitialEvents'),
    isList: isRead && !isWatch && place.kind !== '' && place.name === undefined,
    isWrite: WRITES.has(method) && !query.has('dryRun'),
    at,
  };
}

function readPlace(path: string): Pick<ProxiedRequest, 'kind' | 'namespace' | 'name' | 'subresource'> {
  const parts = path.split('/').slice(1);
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  const isNamespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [kind = '', name, subresource] = isNamespaced ? rest.slice(2) : rest;
  return { kind, namespace: isNamespaced ? rest[1] : undefined, name, subresource };
}

/** Whether a request is one of those that are meant. */
export function matches(request: ProxiedRequest, { also, subresource, ...parts }: Match): boolean {
  for (const [part, wanted] of Object.entries(parts)) {
    if (request[part as keyof typeof parts] !== wanted) return false;
  }
  if (subresource !== undefined && subresource !== (request.subresource ?? '')) return false;
  return also?.(request) ?? true;
}

/** Names the collection, or the part of it, that a list or watch is of. */
export function collectionOf({ path, query }: ProxiedRequest): string {
  return [path, query.get('labelSelector') ?? '', query.get('fieldSelector') ?? ''].join(' ');
}
