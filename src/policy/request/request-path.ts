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
  const [rawPath = '', query = ''] = uri.split('?', 2);
  const path = decoded(rawPath);
  const [prefix = '', ...parts] = path.replace(/^\/+|(?<!\/)\/+$/g, '').split('/');
  const isGrouped = prefix === 'apis';
  if ((prefix !== 'api' && !isGrouped) || parts.length < (isGrouped ? 3 : 2)) return urlTarget(method, path);
  const apiGroup = isGrouped ? (parts.shift() ?? '') : '';
  const apiVersion = parts.shift() ?? '';
  const special = ['watch', 'proxy'].includes(parts[0] ?? '') ? parts.shift() : undefined;
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.includes(parts[2] ?? '')) parts.splice(0, 2);
  }
  const [resource = '', name = '', subresource = ''] = parts;
  const target: RequestTarget = {
    verb: special ?? VERBS.get(method.toLowerCase()) ?? '',
    namespace,
    apiGroup,
    apiVersion,
    resource,
    subresource: special === 'proxy' ? '' : subresource,
    name,
    path,
    isResourceRequest: true,
  };
  return special === undefined ? asCollection(target, new URLSearchParams(query)) : target;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Without a name a GET is a list or a watch, which a field selector can give a name; and a DELETE is of the collection. */
function asCollection(target: RequestTarget, query: URLSearchParams): RequestTarget {
  if (target.name !== '') return target;
  if (target.verb === 'delete') return { ...target, verb: 'deletecollection' };
  if (target.verb !== 'get') return target;
  const watch = query.get('watch');
  const isWatch = watch !== null && !['false', '0'].includes(watch.toLowerCase());
  return {
    ...target,
    verb: isWatch ? 'watch' : 'list',
    name: nameInSelector(query.get('fieldSelector') ?? ''),
  };
}

/** The name that a field selector asks for; "" when it asks for none. */
export function nameInSelector(selector: string): string {
  const term = selector.split(',').find((part) => /^metadata\.name==?/.test(part));
  return term?.replace(/^metadata\.name==?/, '') ?? '';
}

/** The path at which a resource is asked for. */
export function pathOf(target: Omit<RequestTarget, 'path'>): string {
  const { apiGroup, apiVersion, namespace, resource, name, subresource, verb } = target;
  const isCollection = ['list', 'watch', 'create', 'deletecollection'].includes(verb) && subresource === '';
  return [
    apiGroup === '' ? '/api' : `/apis/${apiGroup}`,
    apiVersion === '' ? 'v1' : apiVersion,
    ...(namespace === '' || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource,
    ...(name === '' || isCollection ? [] : [name]),
    ...(subresource === '' ? [] : [subresource]),
  ].join('/');
}
