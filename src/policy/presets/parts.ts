import type { GroupResources } from '../types.ts';
import type { CommentedRule } from './preset.ts';

/** The rules that presets are made of. Each function answers new rules, so that nobody changes another's. */

const COMPONENTS = [
  'system:apiserver',
  'system:cloud-controller-manager',
  'system:kube-controller-manager',
  'system:kube-scheduler',
];
const ENDPOINT_CONTROLLERS = [
  'system:serviceaccount:kube-system:endpoint-controller',
  'system:serviceaccount:kube-system:endpointslice-controller',
  'system:serviceaccount:kube-system:endpointslicemirroring-controller',
];
const SERVICE_READERS = [
  'system:kube-proxy',
  'system:serviceaccount:kube-system:coredns',
  'system:serviceaccount:kube-system:kube-proxy',
];
const NODES = ['system:nodes'];
const KEEP_ALIVE = ['get', 'list', 'watch', 'create', 'update', 'patch'];

const leases = (): GroupResources => ({ group: 'coordination.k8s.io', resources: ['leases'] });
const eventsOfCore = (): GroupResources => ({ resources: ['events'] });
const eventsOfGroup = (): GroupResources => ({ group: 'events.k8s.io', resources: ['events'] });
const reviews = (): GroupResources[] => [
  { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
  { group: 'authorization.k8s.io', resources: ['subjectaccessreviews'] },
];
const endpointSlices = (): GroupResources => ({
  group: 'discovery.k8s.io',
  resources: ['endpointslices'],
});

export const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'] as const;
export const READS = ['get', 'list', 'watch'] as const;

/** Health checks and what every client reads before it begins. */
export function health(): CommentedRule {
  return {
    why: 'Health checks, the version and the schemas: asked for all the time, often by nobody in particular. Only reading\nthem, and only these paths: a wider wildcard would hide who looks around in the API.',
    rule: {
      level: 'None',
      verbs: ['get', 'head'],
      nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi*'],
    },
  };
}

/** What the parts of a control plane and the nodes tell each other, by those parts and nobody else. */
export function noise(): CommentedRule[] {
  return [
    {
      why: 'Kubelets: heartbeats, their own status, events, and who it is that calls them. Only what each does all the time: a\nnode that is made or labelled, and everything else that a kubelet does, is recorded.',
      rule: {
        level: 'None',
        userGroups: [...NODES],
        verbs: ['create', 'update', 'patch'],
        resources: [{ resources: ['nodes/status', 'events'] }, eventsOfGroup(), leases(), ...reviews()],
      },
    },
    {
      why: 'Kubelets that look at their own node and lease.',
      rule: {
        level: 'None',
        userGroups: [...NODES],
        verbs: ['get'],
        resources: [{ resources: ['nodes'] }, leases()],
      },
    },
    {
      why: 'Control plane: leader election, events, endpoints, and who it is that calls its parts.',
      rule: {
        level: 'None',
        users: [...COMPONENTS, ...ENDPOINT_CONTROLLERS],
        verbs: [...KEEP_ALIVE],
        resources: [
          { resources: ['endpoints', 'events'] },
          leases(),
          endpointSlices(),
          eventsOfGroup(),
          ...reviews(),
        ],
      },
    },
    {
      why: 'Add-ons and controllers in kube-system: leader election and events.',
      rule: {
        level: 'None',
        userGroups: ['system:serviceaccounts:kube-system'],
        verbs: [...KEEP_ALIVE],
        resources: [eventsOfCore(), leases(), eventsOfGroup()],
      },
    },
    {
      why: 'kube-proxy and CoreDNS follow services and endpoints.',
      rule: {
        level: 'None',
        users: [...SERVICE_READERS],
        verbs: [...READS],
        resources: [{ resources: ['endpoints', 'services'] }, endpointSlices()],
      },
    },
  ];
}

/** What may carry a credential in its body. */
export function credentials(): CommentedRule {
  return {
    why: 'Who touched a secret, a token, a certificate: never what is in it. Stands before every rule that records bodies.',
    rule: {
      level: 'Metadata',
      resources: [
        { resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
        { group: 'authentication.k8s.io' },
        { group: 'certificates.k8s.io', resources: ['certificatesigningrequests/*'] },
        { group: 'oauth.openshift.io' },
        { group: 'external-secrets.io' },
        { group: 'generators.external-secrets.io' },
      ],
    },
  };
}

/** Ways into containers, nodes and services. */
export function wayIn(): CommentedRule {
  return {
    why: 'Ways into containers, nodes and services. All verbs: over WebSockets kubectl exec is a get, before it was a create.\nThe command stands in the URL, so Metadata has it; these streams have no body.',
    rule: {
      level: 'Metadata',
      resources: [
        {
          resources: [
            'pods/exec',
            'pods/attach',
            'pods/portforward',
            'pods/proxy',
            'services/proxy',
            'nodes/proxy',
          ],
        },
      ],
    },
  };
}

/** Who gave whom which rights. */
export function rights(): CommentedRule {
  return {
    why: 'Rights, and who may act as whom: with the content, since "a role was changed" says too little.\nlint-ignore: AP039 a status says nothing of rights: for it the last rule will do.',
    rule: {
      level: 'Request',
      verbs: [...WRITES],
      resources: [{ group: 'rbac.authorization.k8s.io' }, { resources: ['namespaces', 'serviceaccounts'] }],
    },
  };
}

/** What changes how the API itself behaves. */
export function extensions(): CommentedRule {
  return {
    why: 'What changes the API server itself: webhooks, admission policies, definitions, aggregated APIs, network rules.',
    rule: {
      level: 'Request',
      verbs: [...WRITES],
      resources: [
        { group: 'admissionregistration.k8s.io' },
        { group: 'apiextensions.k8s.io' },
        { group: 'apiregistration.k8s.io' },
        { group: 'networking.k8s.io', resources: ['networkpolicies'] },
      ],
    },
  };
}

/** What runs in the cluster. */
export function workloads(): CommentedRule {
  return {
    why: 'What runs, and with which privileges. (A value that somebody wrote into "env" is in such a body.)\nlint-ignore: AP039 a status is what controllers write, all day: for it the last rule will do.',
    rule: {
      level: 'Request',
      verbs: [...WRITES],
      resources: [
        {
          resources: [
            'pods',
            'pods/ephemeralcontainers',
            'pods/resize',
            'replicationcontrollers',
            'replicationcontrollers/scale',
          ],
        },
        { group: 'apps', resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets', '*/scale'] },
        { group: 'batch', resources: ['cronjobs', 'jobs'] },
      ],
    },
  };
}

/** The last rule of every policy but one that records only chosen things. */
export function everythingElse(): CommentedRule {
  return {
    why: 'Everything else: who, what, when, from where. No condition at all, since a request whose authentication failed (401)\nhas no user and no groups: any condition on them would lose it.',
    rule: { level: 'Metadata' },
  };
}

/** Two events a request would say the same twice. */
export const ONE_EVENT: readonly string[] = ['RequestReceived'];
