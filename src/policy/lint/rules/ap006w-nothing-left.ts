import { EVERY } from '../profiles.ts';
import type { Find, LintContext, LintRule } from '../rule.ts';
import type { PolicyRule } from '../../types.ts';

export const rule: LintRule = {
  id: 'AP006w',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'a misspelt or repeated field was the only condition of a rule',
    why: 'Without the field the rule has no condition, so it matches every request. A kube-apiserver that is given the file drops the field and runs with that.',
    fix: 'Correct the field; until then nobody should load this file.',
    bad: `rules:
- level: None
  user: [system:kube-proxy]
- level: Metadata`,
    good: `rules:
- level: None
  users: [system:kube-proxy]
- level: Metadata`,
  },
  check,
};

const LOST = /(?:^|\.)(?:rules|Rules)\[(\d+)\]\.[^.[\]]+$/;

function check({ problems, rules }: LintContext): Find[] {
  const seen = new Set<number>();
  return problems.flatMap(({ code, path }) => {
    if (code !== 'UnknownField' && code !== 'DuplicateField') return [];
    const index = Number(LOST.exec(path)?.[1] ?? NaN);
    const left = rules[index];
    if (left === undefined || seen.has(index) || hasConditions(left)) return [];
    seen.add(index);
    return [
      {
        at: ['rules', index],
        message: `without the field that is wrong, rules[${index}] has no condition and matches every request`,
        hint: 'correct the field before anything loads this policy',
      },
    ];
  });
}

function hasConditions(rule: PolicyRule): boolean {
  const { users, userGroups, verbs, resources, namespaces, nonResourceURLs } = rule;
  return [users, userGroups, verbs, resources, namespaces, nonResourceURLs].some(
    (list) => list !== undefined && list.length > 0,
  );
}
