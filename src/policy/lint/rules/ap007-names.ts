import { fromProblems, isInvalid } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP007',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'resourceNames without resources',
    why: 'Names belong to resources; kube-apiserver does not start with names alone.',
    fix: 'Add the resources that the names are of.',
    bad: `rules:
- level: None
  resources: [{resourceNames: [controller-leader]}]
- level: Metadata`,
    good: `rules:
- level: None
  resources: [{resources: [configmaps], resourceNames: [controller-leader]}]
- level: Metadata`,
  },
  check: fromProblems((problem) => isInvalid(problem, 'resourceNames')),
};
