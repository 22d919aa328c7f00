import { fromProblems } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP001',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'apiVersion or kind is not that of a policy',
    why: 'kube-apiserver reads `audit.k8s.io/v1`, kind `Policy`, and nothing else since Kubernetes 1.24: with another version it does not start.',
    fix: 'Write `apiVersion: audit.k8s.io/v1` and `kind: Policy`. `v1beta1` has the same fields.',
    bad: `apiVersion: audit.k8s.io/v1beta1
kind: Policy
rules:
- level: Metadata`,
    good: `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata`,
  },
  check: fromProblems(({ code }) => code === 'WrongApiVersion' || code === 'WrongKind'),
};
