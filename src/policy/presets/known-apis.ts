/**
 * API groups of Kubernetes itself whose bodies hold no credentials beyond those that `credentials()` sets apart; "" is the core
 * group. Custom resources are in none of them: what their bodies hold only their owner knows.
 */
export const KUBERNETES_APIS: readonly string[] = [
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
];

/** Those of k0s, but helm.k0sproject.io, whose charts carry values, which may be passwords. */
export const K0S_APIS: readonly string[] = [
  'autopilot.k0sproject.io',
  'etcd.k0sproject.io',
  'k0s.k0sproject.io',
];
