import { renderPolicy } from '../../src/policy/render.ts';
import { sha256Hex, shortHash } from '../../src/policy/hash.ts';
import type { AuditPolicy, PolicyRule } from '../../src/policy/types.ts';

/** A policy of the bench and what every cluster that names it must get. */
export interface BenchPolicy {
  name: string;
  policy: AuditPolicy;
  yaml: string;
  sha256: string;
  hash: string;
}

/** Sizes of the rendered policies in bytes: the range that is met in the field. */
export const SMALLEST = 2_450;
export const LARGEST = 8_100;

/** `count` policies whose sizes rise evenly from SMALLEST to LARGEST; the same for the same count, no two alike. */
export function benchPolicies(count: number): BenchPolicy[] {
  return Array.from({ length: count }, (_, index) => {
    const step = count === 1 ? 0 : (LARGEST - SMALLEST) / (count - 1);
    return sized(`bench-${String(index).padStart(3, '0')}`, Math.round(SMALLEST + index * step));
  });
}

/** Adds rules for one tenant after the other while they fit, then the rule for everything else. */
function sized(name: string, bytes: number): BenchPolicy {
  let best = rendered(name, 0);
  for (let tenants = 1; ; tenants += 1) {
    const next = rendered(name, tenants);
    if (next.yaml.length > bytes) return best;
    best = next;
  }
}

function rendered(name: string, tenants: number): BenchPolicy {
  const rules = [
    ...NOISE,
    ...SECRETS,
    ...Array.from({ length: tenants }, (_, index) => tenantRule(name, index)),
    { level: 'Metadata', omitManagedFields: true },
  ];
  const policy = { omitStages: ['RequestReceived'], rules };
  const result = renderPolicy(policy);
  if (!result.ok) throw new Error(result.error);
  return { name, policy, yaml: result.yaml, sha256: sha256Hex(result.yaml), hash: shortHash(result.yaml) };
}

const NOISE: PolicyRule[] = [
  {
    level: 'None',
    nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi*', '/metrics'],
  },
  {
    level: 'None',
    users: ['system:kube-proxy'],
    verbs: ['watch'],
    resources: [{ resources: ['endpoints', 'services', 'services/status'] }],
  },
  {
    level: 'None',
    userGroups: ['system:nodes'],
    verbs: ['get'],
    resources: [{ resources: ['nodes', 'nodes/status'] }],
  },
  {
    level: 'None',
    users: [
      'system:kube-controller-manager',
      'system:kube-scheduler',
      'system:serviceaccount:kube-system:endpoint-controller',
    ],
    verbs: ['get', 'update'],
    namespaces: ['kube-system'],
    resources: [{ resources: ['endpoints'] }, { group: 'coordination.k8s.io', resources: ['leases'] }],
  },
  {
    level: 'None',
    resources: [{ resources: ['events'] }, { group: 'events.k8s.io', resources: ['events'] }],
  },
];

const SECRETS: PolicyRule[] = [
  {
    level: 'Metadata',
    resources: [
      { resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
      { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
    ],
  },
  {
    level: 'RequestResponse',
    verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
    resources: [{ group: 'rbac.authorization.k8s.io' }, { group: 'admissionregistration.k8s.io' }],
  },
  {
    level: 'Request',
    verbs: ['get', 'create'],
    resources: [
      { resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'services/proxy'] },
    ],
  },
];

function tenantRule(policy: string, index: number): PolicyRule {
  return {
    level: index % 3 === 0 ? 'RequestResponse' : 'Request',
    userGroups: [`tenant-${index}:admins`],
    verbs: ['create', 'update', 'patch', 'delete'],
    namespaces: [`${policy}-tenant-${index}`],
    resources: [
      { resources: ['pods', 'services'] },
      { group: 'apps', resources: ['deployments', 'statefulsets'] },
    ],
    omitStages: ['ResponseStarted'],
  };
}
