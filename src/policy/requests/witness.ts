import { KNOWN_RESOURCES } from '../catalogue.ts';
import type { RequestAttributes } from '../evaluate.ts';
import { isOfCollection, pathOf } from '../request/request-path.ts';
import type { Box } from './box.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from './pattern.ts';
import type { Universe } from './universe.ts';
import { chosen, type Values } from './values.ts';

export const COMMON_VERBS: readonly string[] = [
  'get',
  'list',
  'create',
  'update',
  'patch',
  'delete',
  'watch',
  'deletecollection',
];

/** One request of a box, as likely a one as can be: what kube-apiserver serves, with the verbs it has for it. */
export function requestOf(box: Box, universe: Universe): RequestAttributes {
  const who = identityOf(box, universe);
  return box.isResource ? { ...who, ...resourceOf(box, universe) } : { ...who, ...urlOf(box, universe) };
}

function identityOf(
  { sides: [mask = 0n], required, forbidden }: Box,
  { users, noUser, groups }: Universe,
): Pick<RequestAttributes, 'user' | 'groups'> {
  if ((mask & ~noUser) === 0n) return { user: null, groups: [] };
  const pick = (allowed: bigint): string => {
    const names = [...chosen(groups.representatives, allowed)];
    return names.find((name) => name === AUTHENTICATED) ?? names[0] ?? '';
  };
  const needed = required.map((one) => pick(one & ~forbidden));
  const isFree = (name: string) => (forbidden & groups.bitOf(name)) === 0n;
  const isAnonymous =
    (mask & users.bitOf(ANONYMOUS)) !== 0n &&
    (mask === users.bitOf(ANONYMOUS) || needed.includes(UNAUTHENTICATED) || !isFree(AUTHENTICATED));
  const usual = isAnonymous ? UNAUTHENTICATED : AUTHENTICATED;
  return {
    user: isAnonymous ? ANONYMOUS : first(users, mask & ~noUser),
    groups: [...new Set(isFree(usual) ? [...needed, usual] : needed)],
  };
}

type ResourceParts = Omit<RequestAttributes, 'user' | 'groups'>;

function resourceOf(box: Box, universe: Universe): ResourceParts {
  const [, verbs = 0n, namespaces = 0n, apiGroups = 0n, targets = 0n, names = 0n] = box.sides;
  const nameFor = (verb: string, subresource: string): string | undefined => {
    if (isOfCollection(verb, subresource)) return (names & universe.names.bitOf('')) === 0n ? undefined : '';
    const allowed = names & ~universe.names.bitOf('');
    return allowed === 0n ? undefined : first(universe.names, allowed);
  };
  for (const known of KNOWN_RESOURCES) {
    const { group, resource, subresource, isNamespaced } = known;
    const isIn =
      (apiGroups & universe.apiGroups.bitOf(group)) !== 0n &&
      (targets & universe.targets.bitOf(known)) !== 0n &&
      (isNamespaced || (namespaces & universe.namespaces.bitOf('')) !== 0n);
    if (!isIn) continue;
    const some = namespaces & ~universe.namespaces.bitOf('');
    const namespace = isNamespaced && some !== 0n ? first(universe.namespaces, some) : '';
    for (const verb of known.verbs) {
      const name = (verbs & universe.verbs.bitOf(verb)) === 0n ? undefined : nameFor(verb, subresource);
      if (name === undefined || (namespace === '' && isNamespaced && name !== '')) continue;
      return resourceRequest({ verb, namespace, apiGroup: group, resource, subresource, name });
    }
  }
  const [target = { resource: '', subresource: '' }] = chosen(universe.targets.representatives, targets);
  const verb = likelyVerb(universe, verbs);
  return resourceRequest({
    ...target,
    verb,
    namespace: first(universe.namespaces, namespaces),
    apiGroup: first(universe.apiGroups, apiGroups),
    name: nameFor(verb, target.subresource) ?? first(universe.names, names),
  });
}

function resourceRequest(
  parts: Omit<ResourceParts, 'path' | 'isResourceRequest' | 'apiVersion'>,
): ResourceParts {
  const request = { ...parts, apiVersion: 'v1', isResourceRequest: true };
  return { ...request, path: pathOf(request) };
}

function urlOf(box: Box, universe: Universe): ResourceParts {
  const [, verbs = 0n, paths = 0n] = box.sides;
  const [path = ''] = chosen(universe.paths.representatives, paths);
  return {
    verb: likelyVerb(universe, verbs),
    namespace: '',
    apiGroup: '',
    apiVersion: '',
    resource: '',
    subresource: '',
    name: '',
    path,
    isResourceRequest: false,
  };
}

function likelyVerb({ verbs }: Universe, mask: bigint): string {
  return COMMON_VERBS.find((verb) => (mask & verbs.bitOf(verb)) !== 0n) ?? first(verbs, mask);
}

function first(values: Values, mask: bigint): string {
  const [value = ''] = chosen(values.representatives, mask);
  return value;
}
