import { REASONS } from '../api/reasons.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';

/** The states that clusters are counted by: the reasons of their condition, and those without one of ours. */
export const CLUSTER_STATES: readonly string[] = [...Object.keys(REASONS), 'Unassigned', 'Pending', 'Other'];

/** How many clusters are in each state; all states are there, and no others, whatever the conditions say. */
export function countByState(deployments: Iterable<ClusterDeployment>): Map<string, number> {
  const counts = new Map(CLUSTER_STATES.map((state) => [state, 0]));
  for (const deployment of deployments) {
    const state = stateOf(deployment);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

/** `Other`: a condition of another writer, such as KCM. */
function stateOf({ auditPolicy, condition }: ClusterDeployment): string {
  if (condition !== undefined) return Object.hasOwn(REASONS, condition.reason) ? condition.reason : 'Other';
  return auditPolicy === undefined ? 'Unassigned' : 'Pending';
}
