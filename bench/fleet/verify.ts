import { isDeepStrictEqual } from 'node:util';
import { CLUSTER_CONDITION } from '../../src/api/reasons.ts';
import { configMapName } from '../../src/api/names.ts';
import type { Api, KubeObject } from '../../test/support/api.ts';
import { clusterDeployments, configMaps, helmReleases } from '../../test/support/kinds.ts';
import { dig } from '../../test/support/json.ts';
import { CLUSTER_CONDITIONS } from './cluster-deployment.ts';
import type { BenchCluster, Fleet } from './fleet.ts';
import { helmReleaseBody } from './helm-release.ts';

/** A figure is worth something only when the work was done: @throws Error that names the first wrong clusters */
export async function verifyFleet(api: Api, fleet: Fleet): Promise<void> {
  const { namespace, clusters } = fleet;
  const deployments = await byName(api, clusterDeployments(namespace));
  const releases = await byName(api, helmReleases(namespace));
  const maps = await byName(api, configMaps(namespace));
  const wrong = clusters.flatMap((cluster) =>
    clusterFaults(namespace, cluster, {
      configMap: maps.get(configMapName(cluster.name)),
      release: releases.get(cluster.name),
      deployment: deployments.get(cluster.name),
    }),
  );
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, 5).join('\n  ');
  throw new Error(
    `${wrong.length} faults among the ${clusters.length} clusters of ${namespace}:\n  ${shown}`,
  );
}

/** The objects of one cluster, as they are found. */
export interface ClusterObjects {
  configMap: KubeObject | undefined;
  release: KubeObject | undefined;
  deployment: KubeObject | undefined;
}

/** All that is not as the cluster's policy wants it, in words; empty when everything is right. */
export function clusterFaults(namespace: string, cluster: BenchCluster, objects: ClusterObjects): string[] {
  return [
    ...configMapFaults(objects.configMap, cluster),
    ...releaseFaults(objects.release, namespace, cluster),
    ...conditionFaults(objects.deployment, cluster),
  ];
}

async function byName(api: Api, path: string): Promise<Map<string, KubeObject>> {
  return new Map((await api.list(path)).map((object) => [object.metadata.name, object]));
}

function configMapFaults(map: KubeObject | undefined, { name, policy }: BenchCluster): string[] {
  if (map === undefined) return [`${name}: no ConfigMap`];
  return isDeepStrictEqual(map.data, { policy: policy.yaml })
    ? []
    : [`${name}: the ConfigMap does not hold the bytes of ${policy.name}, and those only`];
}

/** The values must be those that were seeded and the reference, nothing else. */
function releaseFaults(release: KubeObject | undefined, namespace: string, cluster: BenchCluster): string[] {
  const { name, policy } = cluster;
  const seeded = dig(helmReleaseBody(namespace, cluster), 'spec', 'values');
  const policyRef = { name: configMapName(name), key: 'policy', hash: policy.hash };
  const wanted = {
    ...(seeded as Record<string, unknown>),
    audit: { ...(dig(seeded, 'audit') as Record<string, unknown>), policyRef },
  };
  return isDeepStrictEqual(dig(release, 'spec', 'values'), wanted)
    ? []
    : [
        `${name}: the HelmRelease's audit values are ${JSON.stringify(dig(release, 'spec', 'values', 'audit'))}`,
      ];
}

function conditionFaults(deployment: KubeObject | undefined, { name, policy }: BenchCluster): string[] {
  const conditions = dig(deployment, 'status', 'conditions');
  const list: unknown[] = Array.isArray(conditions) ? conditions : [];
  const types = list.map((condition) => String(dig(condition, 'type'))).sort();
  const wanted = [...CLUSTER_CONDITIONS.map(([type]) => type), CLUSTER_CONDITION].sort();
  const ours = list.find((condition) => dig(condition, 'type') === CLUSTER_CONDITION);
  return [
    ...(isDeepStrictEqual(types, wanted) ? [] : [`${name}: the conditions are ${types.join(', ')}`]),
    ...(dig(ours, 'status') === 'True' && String(dig(ours, 'message')).includes(policy.hash)
      ? []
      : [`${name}: its condition does not say that ${policy.hash} is in place: ${JSON.stringify(ours)}`]),
  ];
}
