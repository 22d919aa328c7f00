import { transition, type Condition, type ConditionContent, saysTheSame } from '../../api/condition.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { readClusterDeployment, type ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_DEPLOYMENTS } from '../kinds.ts';

/**
 * Puts the one condition that is ours on a ClusterDeployment, or takes it away; nothing is sent when it says so
 * already. Where the CRD keeps conditions as a map, only ours is applied; where they are one atomic list, ours is
 * patched into the very list that was read.
 * @returns what was said, undefined as its condition when ours was taken away; undefined when nothing was to be said
 */
export async function writeCondition(
  client: KubeClient,
  cache: Cache,
  deployment: ClusterDeployment,
  wanted: ConditionContent | 'keep' | 'remove',
  nowMs: number,
  signal: AbortSignal,
): Promise<{ sent: boolean; condition: Condition | undefined } | undefined> {
  const before = deployment.condition;
  if (wanted === 'keep') return undefined;
  // While we give way to another writer, our own word is seen where it has none.
  if (wanted === 'remove' && (before === undefined || deployment.conditionIndex < 0)) return undefined;
  if (wanted !== 'remove' && before !== undefined && saysTheSame(before, wanted)) return undefined;
  const crd = cache.crd(CLUSTER_DEPLOYMENTS);
  if (crd?.hasStatus !== true) return undefined;

  const { namespace, name, uid } = deployment;
  const target = { namespace, name };
  const options = { signal, subresource: 'status' };
  const condition = wanted === 'remove' ? undefined : transition(before, wanted, nowMs);
  const send = () => {
    if (condition === undefined)
      return client.jsonPatch(CLUSTER_DEPLOYMENTS, target, removal(deployment), options);
    if (crd.conditionsAreMap) {
      const identity = {
        apiVersion: K0RDENT_API_VERSION,
        kind: CLUSTER_DEPLOYMENTS.kind,
        metadata: { name, namespace, uid },
      };
      // Forced: nobody else writes this condition in writer mode, but KCM may have left one behind.
      return client.applyStatus(
        CLUSTER_DEPLOYMENTS,
        target,
        { ...identity, status: { conditions: [condition] } },
        { signal, force: true },
      );
    }
    if (deployment.conditionCount === 0) {
      const patch = {
        metadata: { resourceVersion: deployment.resourceVersion },
        status: { conditions: [condition] },
      };
      return client.patchStatus(CLUSTER_DEPLOYMENTS, target, patch, { signal });
    }
    return client.jsonPatch(CLUSTER_DEPLOYMENTS, target, replacement(deployment, condition), options);
  };
  cache.expectCondition(deployment.key, condition);
  const { sent, object } = await send();
  if (sent) cache.deployments.upsert(readClusterDeployment(object));
  return { sent, condition };
}

/** A patched resourceVersion is a precondition: the API server answers 409 when the object has moved on. */
function onlyAsRead({ resourceVersion }: ClusterDeployment): object {
  return { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion };
}

function removal(deployment: ClusterDeployment): object[] {
  return [onlyAsRead(deployment), { op: 'remove', path: `/status/conditions/${deployment.conditionIndex}` }];
}

function replacement(deployment: ClusterDeployment, value: object): object[] {
  const { conditionIndex } = deployment;
  const change =
    conditionIndex < 0
      ? { op: 'add', path: '/status/conditions/-', value }
      : { op: 'replace', path: `/status/conditions/${conditionIndex}`, value };
  return [onlyAsRead(deployment), change];
}
