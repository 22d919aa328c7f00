import { fromProblems, isInvalid } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP006v',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'group "*" for a Kubernetes that does not know it',
    why: '`group: "*"` is valid from Kubernetes 1.36 on. An older kube-apiserver does not start with it. It is a warning while the version is not given and the newest takes it.',
    fix: 'Name each group, or leave the resources out.',
    bad: `rules:
- level: Metadata
  resources: [{group: "*", resources: [events]}]
- level: Metadata`,
    good: `rules:
- level: Request
  resources: [{group: events.k8s.io, resources: [events]}]
- level: Metadata`,
    version: { major: 1, minor: 35 },
  },
  check: fromProblems(
    (problem) => isInvalid(problem, 'group') && problem.message.includes('Invalid value: "*"'),
  ),
};
