import { configMapName, isObjectName } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import type { KubeClient } from '../../kube/client.ts';
import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../../plan/observed/audit-policy.ts';
import { readPolicyConfigMap, type PolicyConfigMap } from '../../plan/observed/config-map.ts';
import { policyRefInPlace } from '../../plan/in-place.ts';
import type { Observed } from '../../plan/types.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_AUDIT_POLICIES, CONFIG_MAPS } from '../kinds.ts';

/** Everything known of one cluster, from the cache; undefined when there is no such ClusterDeployment. */
export function observe(cache: Cache, key: string, now: number): Observed | undefined {
  const deployment = cache.deployments.get(key);
  if (deployment === undefined) return undefined;
  const { namespace, name, auditPolicy } = deployment;
  const policy = auditPolicy === undefined ? undefined : cache.policies.get(`${namespace}/${auditPolicy}`);
  const helmRelease = cache.helmReleases.get(key);
  const configMap = cache.configMaps.get(`${namespace}/${configMapName(name)}`);
  // Of several the first by name, so that they do not take turns.
  const [capiCluster] = cache.clusters.byIndex('deployment', key).sort((a, b) => (a.name < b.name ? -1 : 1));
  const { outOfSightUntil } = cache;
  return {
    now,
    ...(outOfSightUntil === undefined ? {} : { outOfSightUntil }),
    kcmPresent: cache.kcmPresent,
    deployment,
    ...(policy ? { policy } : {}),
    ...(helmRelease ? { helmRelease } : {}),
    ...(configMap ? { configMap } : {}),
    ...(capiCluster ? { capiCluster } : {}),
    keptRevisions: cache.revisions.byIndex('namespace', namespace).flatMap(({ sha256 }) => sha256 || []),
  };
}

/**
 * Whether the cache cannot tell if a policy is missing: its watch may lag behind that of the deployment which names it, and
 * an alarm that was false is not taken back. Once it has been said, the watch is trusted.
 */
export function mustLookUpPolicy({ deployment, policy }: Observed): boolean {
  const { auditPolicy, condition } = deployment;
  const isSaid = condition?.reason === ('PolicyNotFound' satisfies Reason);
  return policy === undefined && auditPolicy !== undefined && isObjectName(auditPolicy) && !isSaid;
}

/** The policy as it stands on the API server. */
export async function lookUpPolicy(
  client: KubeClient,
  { deployment }: Observed,
  signal: AbortSignal,
): Promise<ClusterAuditPolicy | undefined> {
  const name = { namespace: deployment.namespace, name: deployment.auditPolicy ?? '' };
  const raw = await client.find(CLUSTER_AUDIT_POLICIES, name, { signal });
  return raw === undefined ? undefined : readClusterAuditPolicy(raw);
}

/**
 * Whether the cache cannot tell what is in place: the values name a ConfigMap of our name, and none with our label is
 * there. It may be gone, or KCM's. Or a foreign one was in the way, which no watch shows.
 */
export function mustLookUpConfigMap(observed: Observed): boolean {
  const wasInTheWay = observed.deployment.condition?.reason === ('NameConflict' satisfies Reason);
  return observed.configMap === undefined && (wasInTheWay || policyRefInPlace(observed) !== undefined);
}

/** The ConfigMap of our name as it stands on the API server, whoever made it. */
export async function lookUpConfigMap(
  client: KubeClient,
  { deployment }: Observed,
  signal: AbortSignal,
): Promise<PolicyConfigMap | undefined> {
  const name = { namespace: deployment.namespace, name: configMapName(deployment.name) };
  const raw = await client.find(CONFIG_MAPS, name, { signal });
  return raw === undefined ? undefined : readPolicyConfigMap(raw);
}
