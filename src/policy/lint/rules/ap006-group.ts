import { fromProblems, isInvalid } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP006',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a group that is no API group',
    why: 'The group of a resource is a DNS name such as `apps`, without the version. kube-apiserver does not start with `apps/v1`.',
    fix: 'Leave out what stands behind the `/`.',
    bad: `rules:
- level: Metadata
  resources: [{group: apps/v1, resources: [deployments]}]
- level: Metadata`,
    good: `rules:
- level: Request
  resources: [{group: apps, resources: [deployments]}]
- level: Metadata`,
  },
  check: fromProblems(
    (problem) => isInvalid(problem, 'group') && !problem.message.includes('Invalid value: "*"'),
  ),
};
