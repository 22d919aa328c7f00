import type { RequestAttributes } from '../evaluate.ts';
import { methodOf, pathOf, targetOf, urlTarget, type RequestTarget } from './request-path.ts';
import { NO_USER, SOMEONE, withImpliedGroups, type RequestUser } from './request-user.ts';
import { findResource } from './resource-name.ts';

/** A request as a person describes it: by flags, or in a file of expectations. */
export interface RequestSpec {
  /** Absent: somebody whom no rule names. */
  user?: string;
  groups?: readonly string[];
  /** Its authentication failed: no user, no groups. */
  noUser?: boolean;
  verb?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  apiGroup?: string;
  apiVersion?: string;
  url?: string;
}

/** A described request, and what whoever described it may not expect. */
export interface DescribedRequest {
  request: RequestAttributes;
  notes: readonly string[];
}

/** A description that is no request; the message says what would be right. */
export class UnclearRequest extends Error {
  override readonly name = 'UnclearRequest';
}

const RESOURCE_FIELDS = ['subresource', 'namespace', 'name', 'apiGroup', 'apiVersion'] as const;

/** @throws UnclearRequest when fields are missing or contradict one another */
export function toRequest(spec: RequestSpec): DescribedRequest {
  const user = userOf(spec);
  const { target, notes } = spec.url === undefined ? resourceTarget(spec) : fromUrl(spec.url, spec);
  return { request: { ...user, ...target }, notes };
}

/** Who sends it. @throws UnclearRequest for a request without a user that has one */
export function userOf({ user, groups = [], noUser = false }: RequestSpec): RequestUser {
  if (!noUser) return withImpliedGroups(user ?? SOMEONE, groups);
  if (user !== undefined || groups.length > 0)
    throw new UnclearRequest('a request without a user has neither a name nor groups');
  return NO_USER;
}

/** Their URL is that of the collection; the name of what is created stands in the body. */
const NAMELESS: readonly string[] = ['create', 'deletecollection'];

interface DescribedTarget {
  target: RequestTarget;
  notes: string[];
}

function resourceTarget(spec: RequestSpec): DescribedTarget {
  const { verb = '', resource = '', apiGroup, namespace = '' } = spec;
  if (resource === '') throw new UnclearRequest('a request needs a resource or a URL');
  if (verb === '') throw new UnclearRequest('a request for a resource needs a verb, such as get or create');
  const found = findResource(resource, apiGroup);
  if (found.subresource !== '' && spec.subresource !== undefined && spec.subresource !== found.subresource)
    throw new UnclearRequest(`"${resource}" and the subresource "${spec.subresource}" contradict each other`);
  const subresource = spec.subresource ?? found.subresource;
  const isNameless = NAMELESS.includes(verb) && subresource === '';
  const name = isNameless ? '' : (spec.name ?? '');
  const isNamespace = found.isKnown && found.resource === 'namespaces' && found.group === '';
  const attributes = {
    verb,
    // A request for one namespace lies in that namespace: its URL is /api/v1/namespaces/NAME.
    namespace: isNamespace ? name : found.isKnown && !found.isNamespaced ? '' : namespace,
    apiGroup: found.group,
    apiVersion: spec.apiVersion ?? found.version,
    resource: found.resource,
    subresource,
    name,
    isResourceRequest: true,
  };
  return {
    target: { ...attributes, path: pathOf(attributes) },
    notes: [
      ...(isNameless && (spec.name ?? '') !== ''
        ? [`rules see no name in a ${verb}: "${spec.name ?? ''}" counts for nothing`]
        : []),
      ...unknownNote(found.isKnown, resource, found.group, apiGroup !== undefined),
      ...(namespace !== '' && attributes.namespace !== namespace
        ? [`${found.resource} are not in a namespace: "${namespace}" counts for nothing`]
        : []),
    ],
  };
}

/** What to say of a resource that the table does not have. */
export function unknownNote(isKnown: boolean, word: string, group: string, isGroupGiven: boolean): string[] {
  if (isKnown) return [];
  const where = group === '' ? 'the core group' : `the group "${group}"`;
  const advice = isGroupGiven || group !== '' ? '' : '; --api-group says another';
  return [`"${word}" is not among the built-in APIs: taken as it is written, in ${where}${advice}`];
}

function fromUrl(url: string, spec: RequestSpec): DescribedTarget {
  const given = (['resource', ...RESOURCE_FIELDS] as const).find((field) => spec[field] !== undefined);
  if (given !== undefined) throw new UnclearRequest(`a request has a URL or a ${given}, not both`);
  if (!url.startsWith('/')) throw new UnclearRequest(`a URL is a path such as /healthz, not "${url}"`);
  const { verb = 'get' } = spec;
  const target = targetOf(methodOf(verb), url);
  if (!target.isResourceRequest) return { target: urlTarget(verb, target.path), notes: [] };
  return {
    target,
    notes: [`${target.path} is a request for a resource: rules see ${target.verb} of "${target.resource}"`],
  };
}
