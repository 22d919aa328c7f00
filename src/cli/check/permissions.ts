import { K0RDENT_GROUP } from '../../api/names.ts';

/** A right that the operator needs, as RBAC has it. */
export interface Permission {
  group: string;
  resource: string;
  subresource?: string;
  verbs: readonly string[];
}

/** Such a right on objects of certain names, which belong to no namespace. */
export interface NamedPermission extends Permission {
  names: readonly string[];
}

/** Wherever the operator works. Like the other tables it says what `config/rbac` grants; a test holds them together. */
export const WORK_PERMISSIONS: readonly Permission[] = [
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
    verbs: ['list', 'watch', 'create', 'patch', 'delete'],
  },
  { group: 'cluster.x-k8s.io', resource: 'clusters', verbs: ['list', 'watch'] },
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  {
    group: 'apps',
    resource: 'controllerrevisions',
    verbs: ['get', 'list', 'watch', 'create', 'delete'],
  },
  { group: '', resource: 'events', verbs: ['create', 'patch'] },
];

/** How a kind may be written, and whether KCM is installed. */
export const DEFINITION_PERMISSIONS: NamedPermission = {
  group: 'apiextensions.k8s.io',
  resource: 'customresourcedefinitions',
  names: [
    'clusterauditpolicies.k0rdent.mirantis.com',
    'clusterauditreports.auditpolicy.dev',
    'clusterdeployments.k0rdent.mirantis.com',
    'managements.k0rdent.mirantis.com',
  ],
  verbs: ['list', 'watch'],
};

/** In the operator's own namespace, on the Lease that says who leads; of any name, to make it. */
export const LEASE_PERMISSION: Permission = {
  group: 'coordination.k8s.io',
  resource: 'leases',
  verbs: ['get', 'watch', 'update', 'create'],
};
