import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import type { Manifests } from '../manifests.ts';
import type { Fleet } from './read-fleet.ts';

/**
 * Puts the policies and ClusterDeployments of files into a fleet, as if they had been applied: what is there of the same name
 * keeps its uid and status. HelmReleases are taken as they are there: they tell what rolls.
 */
export function overlay({ cache }: Fleet, { policies, deployments }: Manifests): void {
  for (const policy of policies.values()) {
    const before = cache.policies.get(policy.key);
    cache.policies.remove(policy.key);
    cache.policies.upsert({ ...policy, ...(before ? { uid: before.uid } : {}) });
  }
  for (const deployment of deployments.values()) {
    const before = cache.deployments.get(deployment.key);
    cache.deployments.remove(deployment.key);
    cache.deployments.upsert(before === undefined ? deployment : applied(before, deployment));
  }
}

/** What a ClusterDeployment would be after its manifest was applied. */
function applied(before: ClusterDeployment, file: ClusterDeployment): ClusterDeployment {
  const { uid, resourceVersion, conditionCount, conditionIndex, condition, region, statusVersion } = before;
  return {
    ...file,
    uid,
    resourceVersion,
    conditionCount,
    conditionIndex,
    generation: before.generation,
    deleting: before.deleting,
    ...(condition ? { condition } : {}),
    ...(region === undefined ? {} : { region }),
    ...(statusVersion === undefined ? {} : { statusVersion }),
  };
}
