import type { Ask, Detection } from './detection.ts';
import type { TextSet } from './text-set.ts';

/*
 * Facts, in our own form, from falcosecurity/plugins at 0b3cbd8d84eba83877159cf3c9fdae1820084c26: the conditions of
 * plugins/k8saudit/rules/k8s_audit_rules.yaml, and what each field of theirs reads from plugins/k8saudit/pkg/k8saudit/extract.go
 * (`ka.req.*` is the requestObject, `ka.resp.*` the responseObject; `ka.target.*` is the objectRef, and `ka.response.*` and `ka.auth.*`
 * are responseStatus and annotations, which every level records).
 *
 * Where Falco compares the name of a resource alone, whatever its group and subresource, the resource of Kubernetes is meant here:
 * that a Knative Service is not recorded makes nobody blind to services. Verbs that no API serves for a resource are left out.
 */

const COMPLETE = ['ResponseComplete'] as const;
const NO_SYSTEM: TextSet = { exceptStartsWith: 'system:' };
const SYSTEM_NAMESPACES: TextSet = { only: ['kube-system', 'kube-public'] };
const ROLES = ['roles.rbac.authorization.k8s.io', 'clusterroles.rbac.authorization.k8s.io'];
const BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

/** The lists allowed_k8s_users, vertical_pod_autoscaler_users and eks_allowed_k8s_users; names that begin with `system:` are out anyway. */
const ALLOWED_USERS = [
  'minikube',
  'minikube-user',
  'kubelet',
  'kops',
  'admin',
  'kube',
  'kube-proxy',
  'kube-apiserver-healthcheck',
  'kubernetes-admin',
  'vpa-recommender',
  'vpa-updater',
  'cluster-autoscaler',
  'cloud-controller-manager',
  'eks:node-manager',
  'eks:certificate-controller',
  'eks:fargate-scheduler',
  'eks:k8s-metrics',
  'eks:authenticator',
  'eks:cluster-event-watcher',
  'eks:nodewatcher',
  'eks:pod-identity-mutating-webhook',
  'eks:cloud-controller-manager',
  'eks:vpc-resource-controller',
  'eks:addon-manager',
];
/** The list full_admin_k8s_users. */
const ADMINS = [
  'admin',
  'kubernetes-admin',
  'kubernetes-admin@kubernetes',
  'kubernetes-admin@cluster.local',
  'minikube-user',
];

const created = (resource: string, more: Ask = {}): Ask => ({ verbs: ['create'], resource, ...more });
const deleted = (resource: string, more: Ask = {}): Ask => ({ verbs: ['delete'], resource, ...more });

/** A rule that finds pods by what is in them. */
function ofPods(name: string): Detection {
  return { name, asks: [created('pods')], level: 'Request', shows: 'RequestResponse', stages: COMPLETE };
}

/** A rule that finds roles by what they allow. */
function ofRoles(name: string): Detection {
  return { name, asks: ROLES.map((resource) => created(resource)), level: 'Request', stages: COMPLETE };
}

/** The two rules that follow what is made and removed of a resource. */
function madeAndRemoved(kind: string, resource: string, shows?: 'Request'): Detection[] {
  return [
    {
      name: `K8s ${kind} Created`,
      asks: [created(resource)],
      level: 'Metadata',
      ...(shows === undefined ? {} : { shows }),
      stages: COMPLETE,
    },
    { name: `K8s ${kind} Deleted`, asks: [deleted(resource)], level: 'Metadata', stages: COMPLETE },
  ];
}

/** Falco's rules for Kubernetes audit events, in their order; docs/reference/detections.md is generated from them. */
export const FALCO_DETECTIONS: readonly Detection[] = [
  {
    name: 'Disallowed K8s User',
    asks: [{ users: { except: ALLOWED_USERS, exceptStartsWith: 'system:' } }],
    level: 'Metadata',
    stages: COMPLETE,
    note: 'It wants every request of such a user, to URLs as well.',
  },
  {
    ...ofPods('Create Disallowed Pod'),
    isOff: true,
    note: 'The level is what it needs once the macro with the allowed images is filled in.',
  },
  ofPods('Create Privileged Pod'),
  ofPods('Create Sensitive Mount Pod'),
  ofPods('Create HostNetwork Pod'),
  ofPods('Create HostPid Pod'),
  ofPods('Create HostIPC Pod'),
  { name: 'Create NodePort Service', asks: [created('services')], level: 'Request', stages: COMPLETE },
  {
    name: 'Create/Modify Configmap With Private Credentials',
    asks: [{ verbs: ['create', 'update', 'patch'], resource: 'configmaps' }],
    level: 'Request',
    stages: COMPLETE,
    note: 'To see them, the log must hold the content of ConfigMaps, which the CIS Benchmark advises against.',
  },
  {
    name: 'Anonymous Request Allowed',
    asks: [{ users: { only: ['system:anonymous'] }, exceptPaths: ['/healthz', '/livez', '/readyz'] }],
    level: 'Metadata',
    stages: COMPLETE,
  },
  {
    name: 'Attach/Exec Pod',
    asks: ['pods/exec', 'pods/attach'].map((resource) => ({ verbs: ['create', 'get'], resource })),
    level: 'Metadata',
    stages: ['ResponseStarted'],
    isOfNobodyToo: true,
    note: 'It reads the stage ResponseStarted and not the one at the end, so a policy must leave that in.',
  },
  {
    name: 'port-forward',
    asks: [{ verbs: ['create', 'get'], resource: 'pods/portforward' }],
    level: 'Metadata',
    stages: ['RequestReceived', 'ResponseStarted', 'ResponseComplete'],
    isOfNobodyToo: true,
  },
  {
    name: 'EphemeralContainers Created',
    asks: [{ verbs: ['update', 'patch'], resource: 'pods/ephemeralcontainers' }],
    level: 'Metadata',
    shows: 'Request',
    stages: COMPLETE,
  },
  { name: 'Create Disallowed Namespace', asks: [created('namespaces')], level: 'Metadata', stages: COMPLETE },
  {
    name: 'Pod Created in Kube Namespace',
    asks: [created('pods', { namespaces: SYSTEM_NAMESPACES })],
    level: 'Request',
    shows: 'RequestResponse',
    stages: COMPLETE,
    note: 'Without the body it sees no image, and takes every pod for a strange one.',
  },
  {
    name: 'Service Account Created in Kube Namespace',
    asks: [created('serviceaccounts', { namespaces: SYSTEM_NAMESPACES })],
    level: 'Metadata',
    stages: COMPLETE,
  },
  {
    name: 'System ClusterRole Modified/Deleted',
    asks: ROLES.map((resource) => ({
      verbs: ['create', 'update', 'patch', 'delete'],
      resource,
      names: { startsWith: 'system:', except: ['system:coredns', 'system:managed-certificate-controller'] },
    })),
    level: 'Metadata',
    stages: COMPLETE,
    note: 'The name of a role that is created stands in the body, so that every create must be recorded.',
  },
  { name: 'Attach to cluster-admin Role', asks: [created(BINDINGS)], level: 'Request', stages: COMPLETE },
  ofRoles('ClusterRole With Wildcard Created'),
  ofRoles('ClusterRole With Write Privileges Created'),
  ofRoles('ClusterRole With Pod Exec Created'),
  ...madeAndRemoved('Deployment', 'deployments.apps'),
  ...madeAndRemoved('Service', 'services'),
  ...madeAndRemoved('ConfigMap', 'configmaps'),
  { name: 'K8s Namespace Created', asks: [created('namespaces')], level: 'Metadata', stages: COMPLETE },
  {
    name: 'K8s Namespace Deleted',
    asks: [deleted('namespaces', { users: NO_SYSTEM })],
    level: 'Metadata',
    stages: COMPLETE,
  },
  ...madeAndRemoved('Serviceaccount', 'serviceaccounts'),
  ...madeAndRemoved('Role', 'roles.rbac.authorization.k8s.io', 'Request'),
  ...madeAndRemoved('ClusterRole', 'clusterroles.rbac.authorization.k8s.io', 'Request'),
  ...madeAndRemoved('RoleBinding', 'rolebindings.rbac.authorization.k8s.io', 'Request'),
  ...madeAndRemoved('ClusterRoleBinding', BINDINGS, 'Request'),
  {
    name: 'K8s Secret Created',
    asks: [created('secrets', { users: NO_SYSTEM, namespaces: { except: ['kube-system'] } })],
    level: 'Metadata',
    stages: COMPLETE,
  },
  {
    name: 'K8s Secret Deleted',
    asks: [deleted('secrets', { users: NO_SYSTEM, namespaces: { except: ['kube-system'] } })],
    level: 'Metadata',
    stages: COMPLETE,
  },
  {
    name: 'K8s Secret Get Successfully',
    asks: [{ verbs: ['get'], resource: 'secrets' }],
    level: 'Metadata',
    stages: COMPLETE,
    note: 'A list or a watch brings the same secrets, and it does not look at them.',
  },
  {
    name: 'K8s Secret Get Unsuccessfully Tried',
    asks: [{ verbs: ['get'], resource: 'secrets' }],
    level: 'Metadata',
    stages: COMPLETE,
    note: 'Who is not authenticated at all (401) has no event of the stage ResponseComplete: such a try it never sees.',
  },
  {
    name: 'All K8s Audit Events',
    asks: [{}],
    level: 'Metadata',
    stages: COMPLETE,
    isOff: true,
  },
  {
    name: 'Full K8s Administrative Access',
    asks: [{ users: { only: ADMINS } }],
    level: 'Metadata',
    stages: COMPLETE,
    isOff: true,
  },
  {
    name: 'Ingress Object without TLS Certificate Created',
    asks: [created('ingresses.networking.k8s.io')],
    level: 'Request',
    stages: COMPLETE,
    note: 'Without the body it sees no TLS anywhere, and takes every ingress for one without.',
  },
  {
    name: 'Untrusted Node Successfully Joined the Cluster',
    asks: [created('nodes')],
    level: 'Metadata',
    stages: COMPLETE,
    isOff: true,
  },
  {
    name: 'Untrusted Node Unsuccessfully Tried to Join the Cluster',
    asks: [created('nodes')],
    level: 'Metadata',
    stages: COMPLETE,
    isOff: true,
  },
];
