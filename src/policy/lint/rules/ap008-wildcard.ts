import type { PolicyRule } from '../../types.ts';
import { EVERY } from '../profiles.ts';
import type { Find, LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP008',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a wildcard where there are none',
    why: 'In verbs, users, userGroups, namespaces and resourceNames `*` stands for itself. No request has a verb or a namespace of that name, so the rule matches nothing.',
    fix: 'Leave the field out: a field that is absent asks nothing. Name each value where only some are meant.',
    bad: `rules:
- level: Request
  verbs: ["*"]
- level: Metadata`,
    good: `rules:
- level: Request
  verbs: [create, update, patch]
- level: Metadata`,
  },
  check: ({ rules }) => rules.flatMap((one, index) => [...inLists(one, index), ...inNames(one, index)]),
};

const LISTS = ['verbs', 'users', 'userGroups', 'namespaces'] as const;

function inLists(rule: PolicyRule, index: number): Find[] {
  return LISTS.flatMap((field) =>
    (rule[field] ?? []).flatMap((value, i) =>
      value.includes('*') ? [literal(['rules', index, field, i], value)] : [],
    ),
  );
}

function inNames(rule: PolicyRule, index: number): Find[] {
  return (rule.resources ?? []).flatMap(({ resourceNames }, entry) =>
    (resourceNames ?? []).flatMap((value, i) =>
      value.includes('*') ? [literal(['rules', index, 'resources', entry, 'resourceNames', i], value)] : [],
    ),
  );
}

function literal(at: Find['at'], value: string): Find {
  return {
    at,
    message: `${JSON.stringify(value)} is no wildcard here: it matches only what is called so`,
    hint:
      value === '*'
        ? 'leave the field out to match everything'
        : 'name each value; patterns do not exist here',
  };
}
