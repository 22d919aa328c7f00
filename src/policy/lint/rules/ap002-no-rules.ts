import { fromProblems } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP002',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'the policy has no rules',
    why: 'kube-apiserver does not start with it, though the upstream validator lets it pass.',
    fix: 'Add a rule. To record nothing at all, `- level: None`.',
    bad: `rules: []`,
    good: `rules:
- level: Metadata`,
  },
  check: fromProblems(({ code }) => code === 'NoRules'),
};
