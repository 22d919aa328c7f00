import type { RequestPattern } from '../../requests/pattern.ts';
import { LEVELS, type GroupResources, type PolicyRule } from '../../types.ts';
import { areTooMany, witnessOf } from '../decisions.ts';
import { EVERY } from '../profiles.ts';
import type { Find, LintContext, LintRule } from '../rule.ts';
import { bodiesOf, RESOURCE_VERBS, recordsBodies } from '../sensitive.ts';

export const rule: LintRule = {
  id: 'AP012',
  severity: 'warning',
  profiles: EVERY,
  patterns: [{ verbs: RESOURCE_VERBS }],
  docs: {
    title: 'a broader rule takes part of one for sensitive resources',
    why: 'The rule names secrets, exec or RBAC objects, but an earlier one that does not name them decides some of those requests: they are recorded less than it says, or with bodies that it wanted out of the log. Earlier rules that name the resource themselves count as meant.',
    fix: 'Put rules for sensitive resources first, from the most to the least specific.',
    bad: `rules:
- level: None
  users: [backup]
- level: Metadata
  resources: [{resources: [secrets]}]
- level: Metadata`,
    good: `rules:
- level: Metadata
  resources: [{resources: [secrets]}]
- level: None
  users: [backup]
- level: Metadata`,
  },
  check: (context) =>
    areTooMany(context) ? [] : context.rules.flatMap((one, index) => shadows(context, one, index)),
};

const CREDENTIALS = ['secrets', 'configmaps', 'serviceaccounts/token', 'tokenreviews'];
const WATCHED = [
  ...['secrets', 'serviceaccounts/token', 'pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy'],
  ...['services/proxy', 'nodes/proxy', 'pods/ephemeralcontainers'],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
];

function shadows(context: LintContext, later: PolicyRule, index: number): Find[] {
  const own = rank(later.level);
  return context.rules.slice(0, index).flatMap((earlier, before) => {
    const isLess = rank(earlier.level) < own;
    const isMore = rank(earlier.level) > own && recordsBodies(earlier.level);
    if (!isLess && !isMore) return [];
    const names = (isLess ? WATCHED : CREDENTIALS).filter((name) => !namesIt(earlier, name));
    const resources = entriesOf(later, names);
    if (resources.length === 0) return [];
    const bodies = isMore ? bodiesOf(resources, earlier.level).verbs : undefined;
    const pattern: RequestPattern = {
      ...later,
      isIdentified: true,
      resources,
      ...(bodies === undefined ? {} : { verbs: both(later.verbs, bodies) }),
    };
    if (pattern.verbs?.length === 0 && bodies !== undefined) return [];
    const witness = witnessOf(context, before, pattern);
    if (witness === undefined) return [];
    const how = isLess ? 'recorded less than it says' : 'recorded with bodies';
    return [
      {
        at: ['rules', index],
        message: `rules[${before}] (${earlier.level}) comes first and takes part of this rule (${later.level}): ${how}`,
        hint: `put rules[${index}] before rules[${before}]`,
        witness,
      },
    ];
  });
}

function rank(level: string): number {
  return LEVELS.findIndex((one) => one === level);
}

/** The entries of a rule as far as they name these resources. */
function entriesOf(rule: PolicyRule, names: readonly string[]): GroupResources[] {
  return (rule.resources ?? []).flatMap((entry) => {
    const resources = (entry.resources ?? []).filter((name) => names.includes(name));
    return resources.length > 0 ? [{ ...entry, resources }] : [];
  });
}

function namesIt(rule: PolicyRule, name: string): boolean {
  return (rule.resources ?? []).some(({ resources = [] }) => resources.includes(name));
}

/** No verbs are all verbs. */
function both(verbs: readonly string[] | undefined, others: readonly string[]): string[] {
  return verbs === undefined || verbs.length === 0
    ? [...others]
    : verbs.filter((verb) => others.includes(verb));
}
