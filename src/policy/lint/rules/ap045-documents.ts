import { fromProblems } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP045',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'more than one document in a policy file',
    why: 'kube-apiserver reads the first document and ignores the rest, without a word.',
    fix: 'Put all rules into one policy.',
    bad: `rules:
- level: Metadata
---
rules:
- level: Metadata`,
    good: `rules:
- level: Metadata`,
  },
  check: fromProblems(({ code }) => code === 'MultipleDocuments'),
};
