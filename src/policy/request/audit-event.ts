import { at, isObject, listAt, stringAt } from '../../api/json.ts';
import type { RequestAttributes } from '../evaluate.ts';
import { methodOf, targetOf, type RequestTarget } from './request-path.ts';

/**
 * The request that an audit event tells of, as rules saw it; undefined for what is no event. Rules see the user who authenticated, not
 * the impersonated one, and no user where authentication failed. Of `audit.k8s.io/v1alpha1`, an apiVersion with its group in it
 * is read, too; what an event does not tell is taken from its URI.
 */
export function requestOfEvent(event: unknown): RequestAttributes | undefined {
  const verb = stringAt(event, 'verb');
  const uri = stringAt(event, 'requestURI') ?? '';
  const reference = at(event, 'objectRef');
  if (verb === undefined || (uri === '' && !isObject(reference))) return undefined;
  const username = stringAt(event, 'user', 'username') ?? '';
  const groups = listAt(event, 'user', 'groups').filter((group) => typeof group === 'string');
  return {
    user: username === '' ? null : username,
    groups: username === '' ? [] : groups,
    ...targetIn(verb, uri, reference),
  };
}

/** The verb tells of a URI more than a method could, so both are read together. */
function targetIn(verb: string, uri: string, reference: unknown): RequestTarget {
  const fromUri = { ...targetOf(methodOf(verb), uri), verb };
  if (!isObject(reference)) return fromUri;
  const text = (field: string): string => stringAt(reference, field) ?? '';
  const version = text('apiVersion');
  const slash = version.indexOf('/');
  return {
    verb,
    namespace: text('namespace'),
    apiGroup: slash < 0 ? text('apiGroup') : version.slice(0, slash),
    apiVersion: version.slice(slash + 1),
    resource: text('resource'),
    subresource: text('subresource'),
    name: text('name'),
    path: fromUri.path,
    isResourceRequest: true,
  };
}

/** The events of a JSON value: one event, or a list of them as the webhook backend sends. */
export function eventsIn(value: unknown): readonly unknown[] {
  return Array.isArray(at(value, 'items')) ? listAt(value, 'items') : [value];
}
