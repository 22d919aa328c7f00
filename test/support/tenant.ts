import type { Api } from './api.ts';
import { roleBindings, roles } from './kinds.ts';
import { createServiceAccount, serviceAccountToken } from './namespace.ts';

const NAME = 'tenant';

/** What a team may do in the namespace of its clusters: everything with ConfigMaps, and look at the rest. */
const RULES = [
  { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] },
  {
    apiGroups: ['k0rdent.mirantis.com', 'helm.toolkit.fluxcd.io'],
    resources: ['clusterdeployments', 'clusterauditpolicies', 'helmreleases'],
    verbs: ['get', 'list', 'watch'],
  },
];

/** The API server as somebody who may write ConfigMaps of one namespace, but none of the objects that decide about audit. */
export async function asTenant(api: Api, namespace: string): Promise<Api> {
  await createServiceAccount(api, namespace, NAME);
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: NAME };
  await api.create(roles(namespace), { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: RULES });
  await api.create(roleBindings(namespace), {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'Role', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
  });
  return api.as(await serviceAccountToken(api, namespace, NAME));
}
