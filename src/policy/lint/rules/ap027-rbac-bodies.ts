import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor } from '../sensitive.ts';

const PATTERNS = [
  requestsFor(
    [
      {
        group: 'rbac.authorization.k8s.io',
        resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
      },
    ],
    ['create', 'update', 'patch', 'delete', 'deletecollection'],
  ),
];

export const rule: LintRule = {
  id: 'AP027',
  severity: 'warning',
  profiles: COMPLETE,
  patterns: PATTERNS,
  docs: {
    title: 'changes of RBAC without their content',
    why: 'Who was bound to `cluster-admin`, or which role got a wildcard, stands in the body of the request. At Metadata the log only says that something changed.',
    fix: 'Record writes of the group `rbac.authorization.k8s.io` at Request.',
    bad: `rules:
- level: Metadata`,
    good: `rules:
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: rbac.authorization.k8s.io}]
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None' || level === 'Metadata').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on RBAC: what was granted is not recorded`,
      hint: 'give writes of rbac.authorization.k8s.io a rule at Request before this one',
      witness: wrong.witness,
    })),
};
