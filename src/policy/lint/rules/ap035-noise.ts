import type { RequestAttributes } from '../../evaluate.ts';
import { AUTHENTICATED, UNAUTHENTICATED } from '../../requests/pattern.ts';
import type { LintRule } from '../rule.ts';
import { SPARING } from '../profiles.ts';

export const rule: LintRule = {
  id: 'AP035',
  severity: 'warning',
  profiles: SPARING,
  docs: {
    title: 'noise is recorded',
    why: 'Leases, events, endpoints, the status of nodes, health checks and reviews by the system’s own components are most of the requests of a quiet cluster, and say nothing about what anybody did.',
    fix: 'Drop each with a rule at level None for the component and resource, before the rules that record.',
    bad: `rules:
- level: Metadata`,
    good: `rules:
- level: None
  resources:
  - {group: coordination.k8s.io, resources: [leases]}
  - {resources: [events, endpoints]}
  - {group: events.k8s.io, resources: [events]}
  - {group: discovery.k8s.io, resources: [endpointslices]}
- level: None
  userGroups: [system:nodes]
  verbs: [get, list, watch, update, patch]
  resources: [{resources: [nodes, nodes/status]}]
- level: None
  users: [system:kube-scheduler, system:kube-controller-manager]
  verbs: [create]
  resources: [{group: authentication.k8s.io}, {group: authorization.k8s.io}]
- level: None
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", /version, "/openapi*"]
- level: Metadata`,
  },
  check: ({ ask }) => {
    const recorded = NOISE.map(([name, request]) => ({ name, witness: ask(request) })).filter(
      ({ witness }) => witness.level !== 'None',
    );
    const [first] = recorded;
    if (first === undefined) return [];
    return [
      {
        at: ['rules', first.witness.rule, 'level'],
        message: `noise is recorded: ${recorded.map(({ name }) => name).join(', ')}`,
        hint: 'drop it with rules at level None for those components and resources, before this one',
        witness: first.witness,
      },
    ];
  },
};

const NODE = { user: 'system:node:node-1', groups: ['system:nodes', AUTHENTICATED] };
const SCHEDULER = { user: 'system:kube-scheduler', groups: [AUTHENTICATED] };
const CONTROLLERS = { user: 'system:kube-controller-manager', groups: [AUTHENTICATED] };
const PROBE = { user: 'system:anonymous', groups: [UNAUTHENTICATED] };

const NOISE: readonly (readonly [name: string, request: RequestAttributes])[] = [
  ['leases', resource(NODE, 'update', 'coordination.k8s.io', 'leases', 'kube-node-lease', 'node-1')],
  ['events', resource(NODE, 'create', '', 'events', 'default', '')],
  ['endpoints', resource(CONTROLLERS, 'update', '', 'endpoints', 'kube-system', 'kube-dns')],
  [
    'endpointslices',
    resource(CONTROLLERS, 'update', 'discovery.k8s.io', 'endpointslices', 'kube-system', 'kube-dns-1'),
  ],
  ['the status of nodes', resource(NODE, 'patch', '', 'nodes/status', '', 'node-1')],
  [
    'token reviews by components',
    resource(SCHEDULER, 'create', 'authentication.k8s.io', 'tokenreviews', '', ''),
  ],
  [
    'access reviews by components',
    resource(SCHEDULER, 'create', 'authorization.k8s.io', 'subjectaccessreviews', '', ''),
  ],
  ['health checks', url('/readyz')],
  ['/version', url('/version')],
  ['/openapi', url('/openapi/v2')],
];

function resource(
  who: Pick<RequestAttributes, 'user' | 'groups'>,
  verb: string,
  apiGroup: string,
  what: string,
  namespace: string,
  name: string,
): RequestAttributes {
  const [plural = '', subresource = ''] = what.split('/');
  const common = { apiVersion: 'v1', path: '', isResourceRequest: true };
  return { ...who, verb, apiGroup, resource: plural, subresource, namespace, name, ...common };
}

function url(path: string): RequestAttributes {
  return { ...resource(PROBE, 'get', '', '', '', ''), path, isResourceRequest: false };
}
