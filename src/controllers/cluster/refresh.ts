import { configMapName, isObjectName } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Resource } from '../../kube/resources.ts';
import { readClusterDeployment, type ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap } from '../../plan/observed/config-map.ts';
import { readHelmRelease } from '../../plan/observed/helm-release.ts';
import type { Store, StoreItem } from '../../runtime/store.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_AUDIT_POLICIES, CLUSTER_DEPLOYMENTS, CONFIG_MAPS, HELM_RELEASES } from '../kinds.ts';

/** Reads everything that a ClusterDeployment leads to from the API server into the cache: what a watch may have missed is seen. */
export async function refresh(
  client: KubeClient,
  cache: Cache,
  { namespace, name, auditPolicy = '' }: ClusterDeployment,
  signal: AbortSignal,
): Promise<void> {
  const read = <T extends StoreItem>(
    kind: Resource,
    store: Store<T>,
    object: string,
    project: (raw: unknown) => T | undefined,
  ): Promise<void> => readInto(store, client, kind, { namespace, name: object }, project, signal);
  await Promise.all([
    read(HELM_RELEASES, cache.helmReleases, name, readHelmRelease),
    read(CONFIG_MAPS, cache.configMaps, configMapName(name), (raw) => {
      const configMap = readPolicyConfigMap(raw);
      return configMap.labelled ? configMap : undefined;
    }),
    ...(isObjectName(auditPolicy)
      ? [read(CLUSTER_AUDIT_POLICIES, cache.policies, auditPolicy, (raw) => cache.readPolicy(raw))]
      : []),
  ]);
}

/** Reads the ClusterDeployment itself into the cache. */
export function refreshDeployment(
  client: KubeClient,
  { deployments }: Cache,
  { namespace, name }: ClusterDeployment,
  signal: AbortSignal,
): Promise<void> {
  return readInto(
    deployments,
    client,
    CLUSTER_DEPLOYMENTS,
    { namespace, name },
    readClusterDeployment,
    signal,
  );
}

async function readInto<T extends StoreItem>(
  store: Store<T>,
  client: KubeClient,
  kind: Resource,
  { namespace, name }: { namespace: string; name: string },
  project: (raw: unknown) => T | undefined,
  signal: AbortSignal,
): Promise<void> {
  const key = `${namespace}/${name}`;
  const before = store.get(key);
  const raw = await client.find(kind, { namespace, name }, { signal });
  const item = raw === undefined ? undefined : project(raw);
  if (item) store.upsert(item);
  // Unless the watch has told something newer meanwhile.
  else if (store.get(key) === before) store.remove(key);
}
