import type { RequestAttributes } from './evaluate.ts';
import type { GroupResources, PolicyRule } from './types.ts';

export type RequestMatcher = (request: RequestAttributes) => boolean;

/**
 * A rule as a predicate (`ruleMatches` of k8s.io/apiserver's pkg/audit/policy/checker.go). Each list that has items is a
 * condition; `*` is no wildcard in users, groups, verbs, namespaces and names. A rule with namespaces or resources
 * matches resource requests only and ignores its URLs; one with neither, nor URLs, matches both kinds.
 */
export function compileRule(rule: PolicyRule): RequestMatcher {
  const conditions: RequestMatcher[] = [];
  const { users, userGroups, verbs } = rule;
  if (hasItems(verbs)) {
    const wanted = new Set(verbs);
    conditions.push(({ verb }) => wanted.has(verb));
  }
  if (hasItems(users)) {
    const wanted = new Set(users);
    conditions.push(({ user }) => user !== null && wanted.has(user));
  }
  if (hasItems(userGroups)) {
    const wanted = new Set(userGroups);
    conditions.push(({ user, groups }) => user !== null && groups.some((group) => wanted.has(group)));
  }
  if (hasItems(rule.namespaces) || hasItems(rule.resources)) {
    conditions.push(...resourceConditions(rule));
  } else if (hasItems(rule.nonResourceURLs)) {
    const specs = rule.nonResourceURLs.map(compileUrl);
    conditions.push(
      (request) => !request.isResourceRequest && specs.some((matches) => matches(request.path)),
    );
  }
  return (request) => conditions.every((holds) => holds(request));
}

function resourceConditions({ namespaces, resources }: PolicyRule): RequestMatcher[] {
  const conditions: RequestMatcher[] = [({ isResourceRequest }) => isResourceRequest];
  if (hasItems(namespaces)) {
    const wanted = new Set(namespaces);
    conditions.push(({ namespace }) => wanted.has(namespace));
  }
  if (hasItems(resources)) {
    const entries = resources.map(compileGroupResources);
    conditions.push((request) => entries.some((matches) => matches(request)));
  }
  return conditions;
}

/**
 * Wildcards: the whole group `*`, the whole resource `*` (subresources too), `*` + `/sub`, `res` + `/*` (plain `res`
 * too). An entry without resources takes the whole group and ignores its resourceNames.
 */
function compileGroupResources(entry: GroupResources): RequestMatcher {
  const group = entry.group ?? '';
  const matchesGroup: RequestMatcher = group === '*' ? () => true : ({ apiGroup }) => apiGroup === group;
  if (!hasItems(entry.resources)) return matchesGroup;
  const names = hasItems(entry.resourceNames) ? new Set(entry.resourceNames) : undefined;
  const matchesResource = compileResources(entry.resources);
  return (request) =>
    matchesGroup(request) && (names === undefined || names.has(request.name)) && matchesResource(request);
}

function compileResources(resources: string[]): RequestMatcher {
  if (resources.includes('*')) return () => true;
  const exact = new Set(resources);
  const subresources = new Set(
    resources.filter((text) => text.startsWith('*/')).map((text) => text.slice(2)),
  );
  const parents = new Set(resources.filter((text) => text.endsWith('/*')).map((text) => text.slice(0, -2)));
  return ({ resource, subresource }) =>
    exact.has(subresource === '' ? resource : `${resource}/${subresource}`) ||
    parents.has(resource) ||
    (subresource !== '' && subresources.has(subresource));
}

/** `*` matches every path; any number of trailing `*` makes the rest a prefix; elsewhere `*` stands for itself. */
function compileUrl(spec: string): (path: string) => boolean {
  if (!spec.endsWith('*')) return (path) => path === spec;
  const prefix = spec.replace(/(?<!\*)\*+$/, '');
  return (path) => path.startsWith(prefix);
}

function hasItems<T>(list: T[] | undefined): list is T[] {
  return list !== undefined && list.length > 0;
}
