import { wholeName } from '../catalogue.ts';
import { compileRule } from '../evaluate-rule.ts';
import type { RequestAttributes } from '../evaluate.ts';
import { quote } from '../decode-describe.ts';
import type { GroupResources, PolicyRule } from '../types.ts';

/** Why a rule does not match a request: the first criterion that fails, in the order of upstream's checker. */
export interface Mismatch {
  field: 'users' | 'userGroups' | 'verbs' | 'namespaces' | 'resources' | 'nonResourceURLs';
  /** What the request has, and what the rule asks for. */
  reason: string;
}

const FIELDS = ['users', 'userGroups', 'verbs', 'namespaces', 'resources', 'nonResourceURLs'] as const;
/** More of them fill the line and help nobody. */
const MAX_LISTED = 6;

/**
 * The first criterion of a rule that a request does not meet; undefined when it meets all and the rule matches. Each is asked of the
 * evaluator as a rule of its own, so that there is but one reading of rules.
 */
export function firstMismatch(rule: PolicyRule, request: RequestAttributes): Mismatch | undefined {
  const isForResources = hasItems(rule.namespaces) || hasItems(rule.resources);
  for (const field of FIELDS) {
    // A rule with both has its URLs ignored.
    if (field === 'nonResourceURLs' && isForResources) continue;
    const list = rule[field];
    if (!hasItems<string | GroupResources>(list)) continue;
    if (!compileRule({ level: rule.level, [field]: list })(request))
      return { field, reason: reasonFor(field, rule, request) };
  }
  return undefined;
}

function reasonFor(field: Mismatch['field'], rule: PolicyRule, request: RequestAttributes): string {
  switch (field) {
    case 'users':
      return request.user === null
        ? 'the request has no user'
        : `${quote(request.user)} is not among ${listed(rule.users)}`;
    case 'userGroups':
      if (request.user === null) return 'the request has no user';
      return request.groups.length === 0
        ? 'the user is in no group'
        : `none of ${listed(request.groups)} is among ${listed(rule.userGroups)}`;
    case 'verbs':
      return `${quote(request.verb)} is not among ${listed(rule.verbs)}`;
    case 'namespaces':
      if (!request.isResourceRequest) return 'a request to a URL, and the rule is for resources';
      return request.namespace === ''
        ? `cluster scope (""), which is not among ${listed(rule.namespaces)}`
        : `${quote(request.namespace)} is not among ${listed(rule.namespaces)}`;
    case 'resources':
      return request.isResourceRequest
        ? resourcesReason(rule.resources ?? [], request)
        : 'a request to a URL, and the rule is for resources';
    case 'nonResourceURLs':
      return request.isResourceRequest
        ? 'a request for a resource, and the rule is for URLs'
        : `${quote(request.path)} matches none of ${list(rule.nonResourceURLs)}`;
  }
}

/** What comes nearest: the group is there but not the resource, or the resource but not the name. */
function resourcesReason(entries: readonly GroupResources[], request: RequestAttributes): string {
  const { apiGroup, resource, subresource, name } = request;
  const ofGroup = entries.filter(({ group = '' }) => group === '*' || group === apiGroup);
  if (ofGroup.length === 0) {
    const groups = [...new Set(entries.map(({ group = '' }) => group))];
    return `${groupText(apiGroup)} is not among its groups ${listed(groups)}`;
  }
  const named = ofGroup.find(({ resources = [] }) =>
    compileRule({ level: 'None', resources: [{ group: apiGroup, resources }] })(request),
  );
  if (named !== undefined)
    return name === ''
      ? `the request names no object, and the entry asks for ${listed(named.resourceNames)}`
      : `the name ${quote(name)} is not among ${listed(named.resourceNames)}`;
  const wanted = ofGroup.flatMap(({ resources = [] }) => resources);
  const asked = wholeName({ resource, subresource });
  const hint =
    subresource !== '' && wanted.includes(resource)
      ? `; ${quote(resource)} does not take its subresources, "${resource}/*" does`
      : '';
  return `${quote(asked)} is not among ${list(wanted)} of ${groupText(apiGroup)}${hint}`;
}

function groupText(group: string): string {
  return group === '' ? 'the core group' : `the group ${quote(group)}`;
}

/** A list in which `*` is a name like any other. */
function listed(items: readonly string[] = []): string {
  return list(items) + (items.includes('*') ? ' ("*" is no wildcard here)' : '');
}

function list(items: readonly string[] = []): string {
  const shown = items.slice(0, MAX_LISTED).map(quote).join(', ');
  const more = items.length - MAX_LISTED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function hasItems<T>(items: readonly T[] | undefined): items is readonly T[] {
  return items !== undefined && items.length > 0;
}
