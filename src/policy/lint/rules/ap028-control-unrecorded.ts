import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor, WRITES } from '../sensitive.ts';

const PATTERNS = [
  requestsFor(
    [
      { resources: ['serviceaccounts', 'namespaces'] },
      {
        group: 'admissionregistration.k8s.io',
        resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      },
      { group: 'apiextensions.k8s.io', resources: ['customresourcedefinitions'] },
      { group: 'apiregistration.k8s.io', resources: ['apiservices'] },
      { group: 'networking.k8s.io', resources: ['networkpolicies'] },
    ],
    WRITES,
  ),
  requestsFor(
    [{ group: 'certificates.k8s.io', resources: ['certificatesigningrequests/approval'] }],
    ['update', 'patch'],
  ),
];

export const rule: LintRule = {
  id: 'AP028',
  severity: 'warning',
  profiles: COMPLETE,
  patterns: PATTERNS,
  docs: {
    title: 'changes of what controls the cluster that are not recorded',
    why: 'ServiceAccounts, namespaces (and their Pod Security labels), webhook configurations, CRDs, APIServices, network policies and approvals of certificates decide who can do what. NSA/CISA and AU-2 name them.',
    fix: 'Record writes of them at Metadata or more.',
    bad: `rules:
- level: None
  resources: [{resources: [namespaces]}]
- level: Metadata`,
    good: `rules:
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on what controls the cluster: not recorded`,
      hint: 'record writes of ServiceAccounts, namespaces, webhooks, CRDs, APIServices, network policies and CSR approvals',
      witness: wrong.witness,
    })),
};
