import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import type { Api } from './api.ts';
import { clusterRoleBindings, clusterRoles, namespaces, serviceAccounts } from './kinds.ts';
import { serviceAccountToken } from './namespace.ts';
import { readDocuments } from './read-documents.ts';
import { writeKubeconfig } from './kubeconfig.ts';

const NAMESPACE = 'audit-policy-system';
const NAME = 'audit-policy-operator';

/**
 * Installs config/rbac as it is, so that tests run the operator with the rights that it ships with: a missing one fails
 * them.
 */
export async function installRbac(api: Api): Promise<void> {
  const apply = async (path: string, file: string): Promise<void> => {
    const [body] = await readDocuments(join(REPO_ROOT, 'config/rbac', file));
    await api.apply(path, body ?? {}, {
      fieldManager: 'install-rbac',
      force: true,
      fieldValidation: 'Strict',
    });
  };
  await apply(namespaces(NAMESPACE), 'namespace.yaml');
  await apply(serviceAccounts(NAMESPACE, NAME), 'service_account.yaml');
  await apply(clusterRoles(NAME), 'role.yaml');
  await apply(clusterRoleBindings(NAME), 'role_binding.yaml');
}

/** Takes away what `installRbac` has given, but the namespace. */
export async function removeRbac(api: Api): Promise<void> {
  await api.delete(clusterRoleBindings(NAME));
  await api.delete(clusterRoles(NAME));
  await api.delete(serviceAccounts(NAMESPACE, NAME));
}

/** Writes a kubeconfig that logs in as the operator's ServiceAccount. */
export async function operatorKubeconfig(api: Api, path: string): Promise<string> {
  const token = await serviceAccountToken(api, NAMESPACE, NAME);
  return await writeKubeconfig(path, { server: api.server, ca: api.ca, token });
}
