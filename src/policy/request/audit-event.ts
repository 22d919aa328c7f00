import { at, isObject, listAt, stringAt, type JsonObject } from '../../api/json.ts';
import type { RequestAttributes } from '../evaluate.ts';
import { targetOfVerb, type RequestTarget } from './request-path.ts';
import { NO_USER, type RequestUser } from './request-user.ts';

/** What an audit event tells of its request. */
export interface EventRequest {
  request: RequestAttributes;
  /** Its URI and its objectRef name different things; the request is that of the URI. */
  isAmbiguous: boolean;
}

/**
 * The request that an audit event tells of, as rules saw it; undefined for what is no event. Rules see the user who authenticated, not
 * the impersonated one, and no user where authentication failed.
 *
 * The URI says what was asked for. The objectRef does so only where there is no URI, or one that is no resource: kube-apiserver
 * completes it from the body after the rules have decided (`LogRequestObject` of k8s.io/apiserver's pkg/audit/request.go), so that a
 * create has a name there which no rule saw. A list or a watch has no body, and its objectRef has the name that was found in the
 * selectors, which only counts if all parameters of the URI are well-formed: there it is believed.
 */
export function requestOfEvent(event: unknown): RequestAttributes | undefined {
  return readEvent(event)?.request;
}

/** The same, and whether the event contradicts itself, for who counts such events. */
export function readEvent(event: unknown): EventRequest | undefined {
  const verb = stringAt(event, 'verb');
  const uri = stringAt(event, 'requestURI') ?? '';
  const reference = at(event, 'objectRef');
  if (verb === undefined || (uri === '' && !isObject(reference))) return undefined;
  return requestOfParts(verb, uri, userOf(at(event, 'user')), reference);
}

/** The user of an event, from its field `user`. */
export function userOf(user: unknown): RequestUser {
  const username = stringAt(user, 'username') ?? '';
  return username === '' ? NO_USER : { user: username, groups: textsAt(user, 'groups') };
}

/** The request of an event whose fields have been read one by one; one of URI and reference may be missing. */
export function requestOfParts(
  verb: string,
  uri: string,
  { user, groups }: RequestUser,
  reference: unknown,
): EventRequest {
  const ofUri = targetOfVerb(verb, uri);
  if (!isObject(reference)) return { request: { user, groups, ...ofUri }, isAmbiguous: false };
  const ofReference = targetOfReference(verb, ofUri.path, reference);
  const isOfUri = ofUri.isResourceRequest;
  if (isOfUri && (verb === 'list' || verb === 'watch')) ofUri.name = ofReference.name;
  return {
    request: { user, groups, ...(isOfUri ? ofUri : ofReference) },
    isAmbiguous: isOfUri ? areDifferent(ofUri, ofReference) : uri !== '',
  };
}

function textsAt(value: unknown, ...path: string[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}

/** Of `audit.k8s.io/v1alpha1`, an apiVersion with its group in it is read, too. */
function targetOfReference(verb: string, path: string, reference: JsonObject): RequestTarget {
  const text = (field: string): string => stringAt(reference, field) ?? '';
  const version = text('apiVersion');
  const slash = version.indexOf('/');
  const subresource = text('subresource');
  const isNameOfBody = verb === 'create' && subresource === '';
  return {
    verb,
    namespace: text('namespace'),
    apiGroup: slash < 0 ? text('apiGroup') : version.slice(0, slash),
    apiVersion: version.slice(slash + 1),
    resource: text('resource'),
    subresource,
    name: isNameOfBody ? '' : text('name'),
    path,
    isResourceRequest: true,
  };
}

const COMPARED = ['namespace', 'apiGroup', 'resource', 'subresource', 'name'] as const;

/** What one of the two leaves out is no contradiction: a body can have completed it, or a collector have cut it. */
function areDifferent(a: RequestTarget, b: RequestTarget): boolean {
  return COMPARED.some((field) => a[field] !== b[field] && a[field] !== '' && b[field] !== '');
}

/** The events of a JSON value: one event, an array of them, or a list as the webhook backend sends it. */
export function eventsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return Array.isArray(at(value, 'items')) ? listAt(value, 'items') : [value];
}
