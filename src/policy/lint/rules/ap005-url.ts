import { fromProblems, isInvalid } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP005',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a URL that kube-apiserver does not take',
    why: 'A URL begins with `/` (or is `*`), has `*` at its end only, and does not stand in a rule with resources or namespaces. kube-apiserver does not start otherwise.',
    fix: 'Begin it with `/`, put `*` last, and give URLs a rule of their own.',
    bad: `rules:
- level: None
  nonResourceURLs: [healthz]
- level: Metadata`,
    good: `rules:
- level: None
  nonResourceURLs: [/healthz]
- level: Metadata`,
  },
  check: fromProblems((problem) => isInvalid(problem, 'nonResourceURLs')),
};
