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
  if (!ofUri.isResourceRequest)
    return {
      request: { user, groups, ...targetOfReference(verb, ofUri.path, reference) },
      isAmbiguous: uri !== '',
    };
  if (verb === 'list' || verb === 'watch') ofUri.name = textOf(reference, 'name');
  return { request: { user, groups, ...ofUri }, isAmbiguous: contradicts(ofUri, reference) };
}

function textsAt(value: unknown, ...path: string[]): string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}

/** Read directly, since it is done for every line of a log. */
function textOf(reference: JsonObject, field: string): string {
  const value = reference[field];
  return typeof value === 'string' ? value : '';
}

function targetOfReference(verb: string, path: string, reference: JsonObject): RequestTarget {
  const subresource = textOf(reference, 'subresource');
  const version = textOf(reference, 'apiVersion');
  return {
    verb,
    namespace: textOf(reference, 'namespace'),
    apiGroup: groupOf(reference),
    apiVersion: version.slice(version.indexOf('/') + 1),
    resource: textOf(reference, 'resource'),
    subresource,
    name: isNameOfBody(verb, subresource) ? '' : textOf(reference, 'name'),
    path,
    isResourceRequest: true,
  };
}

/** Of `audit.k8s.io/v1alpha1`, an apiVersion with its group in it is read, too. */
function groupOf(reference: JsonObject): string {
  const version = textOf(reference, 'apiVersion');
  const slash = version.indexOf('/');
  return slash < 0 ? textOf(reference, 'apiGroup') : version.slice(0, slash);
}

function isNameOfBody(verb: string, subresource: string): boolean {
  return verb === 'create' && subresource === '';
}

/** What one of the two leaves out is no contradiction: a body can have completed it, or a collector have cut it. */
function contradicts(target: RequestTarget, reference: JsonObject): boolean {
  return (
    areDifferent(target.resource, textOf(reference, 'resource')) ||
    areDifferent(target.namespace, textOf(reference, 'namespace')) ||
    areDifferent(target.apiGroup, groupOf(reference)) ||
    areDifferent(target.subresource, textOf(reference, 'subresource')) ||
    (!isNameOfBody(target.verb, target.subresource) && areDifferent(target.name, textOf(reference, 'name')))
  );
}

function areDifferent(a: string, b: string): boolean {
  return a !== b && a !== '' && b !== '';
}

/** The events of a JSON value: one event, an array of them, or a list as the webhook backend sends it. */
export function eventsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return Array.isArray(at(value, 'items')) ? listAt(value, 'items') : [value];
}
