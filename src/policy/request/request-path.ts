import type { RequestAttributes } from '../evaluate.ts';

/** What kube-apiserver reads off the first line of a request. */
export type RequestTarget = Omit<RequestAttributes, 'user' | 'groups'>;

const NO_RESOURCE = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };
/** Maps, since a verb may be any word: `constructor`, say. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['post', 'create'],
  ['get', 'get'],
  ['head', 'get'],
  ['put', 'update'],
  ['patch', 'patch'],
  ['delete', 'delete'],
]);
const METHODS: ReadonlyMap<string, string> = new Map([
  ['list', 'get'],
  ['watch', 'get'],
  ['create', 'post'],
  ['update', 'put'],
  ['deletecollection', 'delete'],
]);
const NAMESPACE_SUBRESOURCES: readonly string[] = ['status', 'finalize'];

/** A request to a URL that is no API resource; its verb is the HTTP method in lower case. */
export function urlTarget(verb: string, path: string): RequestTarget {
  return { ...NO_RESOURCE, verb: verb.toLowerCase(), path, isResourceRequest: false };
}

/** The HTTP method of a verb, which may be one already. */
export function methodOf(verb: string): string {
  return METHODS.get(verb) ?? verb;
}

/**
 * What a URI asks for, as `NewRequestInfo` of k8s.io/apiserver's pkg/endpoints/request has it: `/api/v1/pods` is a list of a resource,
 * `/apis/apps` a URL.
 */
export function targetOf(method: string, uri: string): RequestTarget {
  const { path, query } = splitUri(uri);
  const found = resourceAt(path);
  if (found === undefined) return urlTarget(method, path);
  const { special, target } = found;
  target.verb = special ?? VERBS.get(method.toLowerCase()) ?? '';
  return special === undefined ? asCollection(target, query) : target;
}

/**
 * The same for a URI whose verb is known, as an audit event has it; a list or a watch can have its name from a field selector. Made
 * for many: without a query or a `%` it only splits the path.
 */
export function targetOfVerb(verb: string, uri: string): RequestTarget {
  const { path, query } = splitUri(uri);
  const found = resourceAt(path);
  if (found === undefined) return { ...NO_RESOURCE, verb, path, isResourceRequest: false };
  const { special, target } = found;
  target.verb = verb;
  const isCollection = target.name === '' && special === undefined && (verb === 'list' || verb === 'watch');
  if (isCollection && mayHold(query, 'fieldSelector')) target.name = selectedName(new URLSearchParams(query));
  return target;
}

function splitUri(uri: string): { path: string; query: string } {
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  return { path: path.includes('%') ? decoded(path) : path, query: mark < 0 ? '' : uri.slice(mark + 1) };
}

interface FoundResource {
  target: RequestTarget;
  /** The old way to say it: `/api/v1/watch/pods`. */
  special: 'watch' | 'proxy' | undefined;
}

/** The resource that a path leads to, its verb still open; undefined for a URL. */
function resourceAt(path: string): FoundResource | undefined {
  const parts = withoutOuterSlashes(path).split('/');
  const isGrouped = parts[0] === 'apis';
  if (!isGrouped && parts[0] !== 'api') return undefined;
  let next = isGrouped ? 3 : 2;
  if (parts.length <= next) return undefined;
  const apiGroup = isGrouped ? (parts[1] ?? '') : '';
  const apiVersion = parts[next - 1] ?? '';
  const first = parts[next];
  const special = first === 'watch' || first === 'proxy' ? first : undefined;
  if (special !== undefined) next++;
  let namespace = '';
  if (parts[next] === 'namespaces' && parts.length > next + 1) {
    namespace = parts[next + 1] ?? '';
    if (parts.length > next + 2 && !NAMESPACE_SUBRESOURCES.includes(parts[next + 2] ?? '')) next += 2;
  }
  const target = {
    verb: '',
    namespace,
    apiGroup,
    apiVersion,
    resource: parts[next] ?? '',
    subresource: special === 'proxy' ? '' : (parts[next + 2] ?? ''),
    name: parts[next + 1] ?? '',
    path,
    isResourceRequest: true,
  };
  return { target, special };
}

function withoutOuterSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path.charAt(start) === '/') start++;
  while (end > start && path.charAt(end - 1) === '/') end--;
  return path.slice(start, end);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Without a name a GET is a list or a watch, which a field selector can give a name; and a DELETE is of the collection. */
function asCollection(target: RequestTarget, query: string): RequestTarget {
  if (target.name !== '') return target;
  if (target.verb === 'delete') return { ...target, verb: 'deletecollection' };
  if (target.verb !== 'get') return target;
  const parameters = new URLSearchParams(query);
  const watch = parameters.get('watch');
  const isWatch = watch !== null && !['false', '0'].includes(watch.toLowerCase());
  return { ...target, verb: isWatch ? 'watch' : 'list', name: selectedName(parameters) };
}

/** Whether it is worth the parsing; a key can be written with `%`, too. */
function mayHold(query: string, key: string): boolean {
  return query.includes(key) || query.includes('%');
}

function selectedName(parameters: URLSearchParams): string {
  return nameInSelector(parameters.get('fieldSelector') ?? '');
}

/**
 * The name that a field selector asks for; "" when it asks for none, or for one that no path could have, or is none. As
 * `fields.ParseSelector` of k8s.io/apimachinery, which sorts the terms: of two names the first in the alphabet counts.
 */
export function nameInSelector(selector: string): string {
  let name: string | undefined;
  for (const term of termsOf(selector).sort()) {
    const [, field, operator, escaped = ''] = /^(.*?)(!=|==?)(.*)$/s.exec(term) ?? [];
    const value = unescaped(escaped);
    if (operator === undefined || value === undefined) return '';
    if (field === 'metadata.name' && operator !== '!=') name ??= value;
  }
  return name === undefined || name === '.' || name === '..' || /[/%]/.test(name) ? '' : name;
}

/** What stands between the commas, but for those behind a backslash. */
function termsOf(selector: string): string[] {
  return selector.match(/(?:\\.|[^,\\])+|\\$/gs) ?? [];
}

/** Undefined for a value that is not written as it must be. */
function unescaped(value: string): string | undefined {
  if (/^(?:[^\\,=]|\\[\\,=])*$/s.test(value)) return value.replace(/\\([\\,=])/g, '$1');
  return undefined;
}

/** Verbs of requests to a collection, whose URL has no name in it: that of what is created stands in the body. */
const OF_COLLECTIONS: readonly string[] = ['list', 'watch', 'create', 'deletecollection'];

export function isOfCollection(verb: string, subresource: string): boolean {
  return subresource === '' && OF_COLLECTIONS.includes(verb);
}

/** The path at which a resource is asked for. */
export function pathOf(target: Omit<RequestTarget, 'path'>): string {
  const { apiGroup, apiVersion, namespace, resource, name, subresource, verb } = target;
  return [
    apiGroup === '' ? '/api' : `/apis/${apiGroup}`,
    apiVersion === '' ? 'v1' : apiVersion,
    ...(namespace === '' || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource,
    ...(name === '' || isOfCollection(verb, subresource) ? [] : [name]),
    ...(subresource === '' ? [] : [subresource]),
  ].join('/');
}
