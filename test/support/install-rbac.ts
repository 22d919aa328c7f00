import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { ApiError, type Api } from './api.ts';
import { eventually } from './eventually.ts';
import { releaseManifest } from './fleet.ts';
import { asArray, asRecord, asString } from './json.ts';
import {
  admissionPolicies,
  admissionPolicyBindings,
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  helmReleases,
  namespaces,
  roleBindings,
  roles,
  serviceAccounts,
  webhookConfigurations,
} from './kinds.ts';
import { serviceAccountToken } from './namespace.ts';
import { readDocuments } from './read-documents.ts';
import { writeKubeconfig } from './kubeconfig.ts';

/** Where config/ installs the operator, and as whom. */
export const OPERATOR_NAMESPACE = 'audit-policy-system';
export const OPERATOR_NAME = 'audit-policy-operator';
export const OPERATOR_USER = `system:serviceaccount:${OPERATOR_NAMESPACE}:${OPERATOR_NAME}`;

const PATHS: Record<string, (namespace: string, name: string) => string> = {
  Namespace: (_, name) => namespaces(name),
  ServiceAccount: serviceAccounts,
  ClusterRole: (_, name) => clusterRoles(name),
  ClusterRoleBinding: (_, name) => clusterRoleBindings(name),
  Role: roles,
  RoleBinding: roleBindings,
  ValidatingAdmissionPolicy: (_, name) => admissionPolicies(name),
  ValidatingAdmissionPolicyBinding: (_, name) => admissionPolicyBindings(name),
  ValidatingWebhookConfiguration: (_, name) => webhookConfigurations(name),
};

/** The objects of a folder of config/, as its kustomization lists them. */
export async function configObjects(folder: string): Promise<Record<string, unknown>[]> {
  const dir = join(REPO_ROOT, 'config', folder);
  const [kustomization] = await readDocuments(join(dir, 'kustomization.yaml'));
  const files = asArray(kustomization?.resources, `${folder}: resources`).map((file) =>
    asString(file, 'resource'),
  );
  return (await Promise.all(files.map((file) => readDocuments(join(dir, file))))).flat();
}

/**
 * Installs config/rbac as it is, so that tests run the operator with the rights that it ships with: a missing one fails
 * them.
 */
export async function installRbac(api: Api): Promise<void> {
  await installConfig(api, 'rbac');
}

/** Installs config/admission-policy as it is, and resolves when the API server holds the operator to it. HelmReleases must be served. */
export async function installAdmissionPolicy(api: Api): Promise<void> {
  await installConfig(api, 'admission-policy');
  const operator = api.as(await serviceAccountToken(api, OPERATOR_NAMESPACE, OPERATOR_NAME));
  const name = 'admission-probe';
  await api.create(helmReleases(OPERATOR_NAMESPACE), releaseManifest(name));
  try {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    await untilRefused(() => operator.create(configMaps(OPERATOR_NAMESPACE), configMap, { dryRun: true }));
    const patch = { metadata: { labels: { probe: 'true' } } };
    await untilRefused(() =>
      operator.mergePatch(helmReleases(OPERATOR_NAMESPACE, name), patch, { dryRun: true }),
    );
  } finally {
    await api.delete(helmReleases(OPERATOR_NAMESPACE, name));
    operator.close();
  }
}

/** The API server reads admission policies, and the rights of a new account, on its own time. */
function untilRefused(request: () => Promise<unknown>): Promise<void> {
  return eventually(
    async () => {
      try {
        await request();
      } catch (error) {
        if (error instanceof ApiError && error.message.includes('ValidatingAdmissionPolicy')) return;
        throw error;
      }
      throw new Error('the admission policy does not hold yet');
    },
    { timeoutMs: 60_000 },
  );
}

/** Installs a folder of config/ as it is. */
export async function installConfig(api: Api, folder: string): Promise<void> {
  await installObjects(api, await configObjects(folder));
}

/** Applies objects of the kinds that give rights and take them. */
export async function installObjects(api: Api, objects: readonly Record<string, unknown>[]): Promise<void> {
  for (const body of objects) {
    await api.apply(pathOf(body), body, {
      fieldManager: 'install-config',
      force: true,
      fieldValidation: 'Strict',
    });
  }
}

/** Takes away what a folder of config/ has installed, the last first. A namespace stays: nobody here would end its deletion. */
export async function removeConfig(api: Api, folder: string): Promise<void> {
  for (const body of (await configObjects(folder)).toReversed()) {
    if (body.kind !== 'Namespace') await api.delete(pathOf(body));
  }
}

function pathOf(body: Record<string, unknown>): string {
  const kind = asString(body.kind, 'kind');
  const { name, namespace = '' } = asRecord(body.metadata, 'metadata');
  const path = PATHS[kind];
  if (path === undefined) throw new Error(`${kind}: not known to the tests`);
  return path(asString(namespace, 'namespace'), asString(name, 'name'));
}

/** Writes a kubeconfig that logs in as the operator's ServiceAccount, or as another one of its namespace. */
export async function operatorKubeconfig(api: Api, path: string, name = OPERATOR_NAME): Promise<string> {
  const token = await serviceAccountToken(api, OPERATOR_NAMESPACE, name);
  return await writeKubeconfig(path, { server: api.server, ca: api.ca, token });
}
