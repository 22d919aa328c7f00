import type { RequestAttributes } from '../evaluate.ts';
import { isOfCollection } from '../request/request-path.ts';
import { findResource } from '../request/resource-name.ts';
import type { Ask, Detection } from './detection.ts';
import { compileTextSet, type TextSet } from './text-set.ts';

type Predicate = (request: RequestAttributes) => boolean;

/** Whether a detection looks at a request, prepared for many of them. */
export function compileDetection({ asks, isOfNobodyToo = false }: Detection): Predicate {
  const predicates = asks.map(compileAsk);
  const isAsked: Predicate =
    predicates.length === 1 && predicates[0] !== undefined
      ? predicates[0]
      : (request) => predicates.some((matches) => matches(request));
  return isOfNobodyToo ? isAsked : (request) => request.user !== null && isAsked(request);
}

/** The same for one request. */
export function matchesDetection(detection: Detection, request: RequestAttributes): boolean {
  return compileDetection(detection)(request);
}

/** What decides most often comes first. */
function compileAsk({ verbs, resource, users, namespaces, names, exceptPaths }: Ask): Predicate {
  const conditions: Predicate[] = [];
  if (resource !== undefined) conditions.push(isOfResource(resource, namespaces, names));
  if (verbs !== undefined) {
    const wanted = new Set(verbs);
    conditions.push(({ verb }) => wanted.has(verb));
  }
  if (users !== undefined) {
    const isWanted = compileTextSet(users);
    conditions.push(({ user }) => user === null || isWanted(user));
  }
  if (exceptPaths !== undefined) {
    const unwanted = new Set(exceptPaths);
    conditions.push(({ isResourceRequest, path }) => isResourceRequest || !unwanted.has(path));
  }
  return (request) => {
    for (const holds of conditions) if (!holds(request)) return false;
    return true;
  };
}

function isOfResource(word: string, namespaces: TextSet = {}, names: TextSet = {}): Predicate {
  const { resource, subresource, group, isNamespaced } = findResource(word);
  const isWantedName = compileTextSet(names);
  const isWantedNamespace = compileTextSet(namespaces);
  const isNamespace = resource === 'namespaces' && group === '';
  return (request) => {
    if (
      request.resource !== resource ||
      request.subresource !== subresource ||
      request.apiGroup !== group ||
      !request.isResourceRequest
    )
      return false;
    const { namespace, name } = request;
    const isNameless = isOfCollection(request.verb, subresource);
    if (isNameless ? name !== '' : name === '' || !isWantedName(name)) return false;
    const isInNamespace = isNamespaced || (isNamespace && !isNameless);
    return isInNamespace ? namespace !== '' && isWantedNamespace(namespace) : namespace === '';
  };
}
