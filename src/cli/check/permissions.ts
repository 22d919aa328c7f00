import { K0RDENT_GROUP } from '../../api/names.ts';

/** A right that the operator needs, as RBAC has it. */
export interface Permission {
  group: string;
  resource: string;
  subresource?: string;
  verbs: readonly string[];
  /** Only these objects, and of all namespaces since they have none. */
  names?: readonly string[];
}

/** What `config/rbac` grants for the work itself; a test holds the two together. */
export const PERMISSIONS: readonly Permission[] = [
  { group: K0RDENT_GROUP, resource: 'clusterauditpolicies', verbs: ['get', 'list', 'watch'] },
  { group: K0RDENT_GROUP, resource: 'clusterdeployments', verbs: ['get', 'list', 'watch'] },
  { group: K0RDENT_GROUP, resource: 'clusterauditpolicies', subresource: 'status', verbs: ['patch'] },
  { group: K0RDENT_GROUP, resource: 'clusterdeployments', subresource: 'status', verbs: ['patch'] },
  {
    group: 'helm.toolkit.fluxcd.io',
    resource: 'helmreleases',
    verbs: ['get', 'list', 'watch', 'patch'],
  },
  {
    group: 'auditpolicy.dev',
    resource: 'clusterauditreports',
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  { group: 'cluster.x-k8s.io', resource: 'clusters', verbs: ['list', 'watch'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  {
    group: 'apps',
    resource: 'controllerrevisions',
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
  },
  { group: '', resource: 'events', verbs: ['create', 'patch'] },
  {
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
    names: [
      'clusterauditpolicies.k0rdent.mirantis.com',
      'clusterauditreports.auditpolicy.dev',
      'clusterdeployments.k0rdent.mirantis.com',
      'managements.k0rdent.mirantis.com',
    ],
    verbs: ['list', 'watch'],
  },
];
