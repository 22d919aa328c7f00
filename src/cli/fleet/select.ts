import { CLUSTER_AUDIT_POLICIES, CLUSTER_DEPLOYMENTS } from '../../controllers/kinds.ts';
import { isDelivered } from '../../plan/in-place.ts';
import { planPolicyStatus } from '../../plan/policy-status.ts';
import { propagationOf } from '../../plan/propagation.ts';
import type { ClusterAuditPolicy } from '../../plan/observed/audit-policy.ts';
import type { PlanSettings } from '../../plan/types.ts';
import { clusterState, type ClusterState } from './cluster-state.ts';
import { selectedKeys, type Fleet } from './read-fleet.ts';

/** Which items a user asked for. */
export interface Selection {
  namespace: string | undefined;
  selector?: string;
  /** All of them when empty. */
  names: readonly string[];
}

/** A policy, and how far it has come; the shape of `-o json`. */
export interface PolicyState {
  namespace: string;
  name: string;
  ready: boolean;
  /** Null for a refused policy, as are `sha256` and `rules`. */
  hash: string | null;
  sha256: string | null;
  rules: number | null;
  /** ClusterDeployments that name it. */
  clusters: number;
  /** Those of them that have exactly its content in ConfigMap and values. */
  clustersInPlace: number;
  propagation: string;
  paused: boolean;
  message: string;
}

/** The clusters of a selection, in the order of namespace and name. */
export async function selectClusters(
  fleet: Fleet,
  selection: Selection,
  settings: PlanSettings,
): Promise<ClusterState[]> {
  const { cache, session } = fleet;
  const keys = await selectedKeys(session, CLUSTER_DEPLOYMENTS, selection.namespace, selection.selector);
  return cache.deployments
    .list()
    .filter(isSelected(selection, keys))
    .sort(byKey)
    .flatMap(({ key }) => {
      const observed = fleet.observe(key);
      return observed === undefined ? [] : [clusterState(observed, settings, cache.referenceIsPruned)];
    });
}

/** The policies of a selection, in the order of namespace and name. */
export async function selectPolicies(fleet: Fleet, selection: Selection): Promise<PolicyState[]> {
  const { cache, session } = fleet;
  const keys = await selectedKeys(session, CLUSTER_AUDIT_POLICIES, selection.namespace, selection.selector);
  return cache.policies
    .list()
    .filter(isSelected(selection, keys))
    .sort(byKey)
    .map((policy) => policyState(fleet, policy));
}

function policyState(fleet: Fleet, policy: ClusterAuditPolicy): PolicyState {
  const { cache, session } = fleet;
  const clusters = cache.deployments
    .byIndex('policy', policy.key)
    .flatMap(({ key }) => fleet.observe(key) ?? []);
  const counts = { clusters: clusters.length, clustersInPlace: clusters.filter(isDelivered).length };
  // What the operator would say, whether it runs or not, and also where KCM's CRD has no status.
  const unsaid = { ...policy, status: { conditions: [] } };
  const said = planPolicyStatus(unsaid, counts, session.clock.now()).status?.conditions[0];
  const { accepted } = policy.content;
  return {
    namespace: policy.namespace,
    name: policy.name,
    ready: accepted !== undefined,
    hash: accepted?.hash ?? null,
    sha256: accepted?.sha256 ?? null,
    rules: accepted?.rules ?? null,
    ...counts,
    propagation: propagationOf(policy),
    paused: policy.paused,
    message: said?.message ?? '',
  };
}

function isSelected({ names }: Selection, keys: ReadonlySet<string> | undefined) {
  return ({ key, name }: { key: string; name: string }): boolean =>
    (keys === undefined || keys.has(key)) && (names.length === 0 || names.includes(name));
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1;
}

/** Names that were asked for and are not there. */
export function missingNames(names: readonly string[], found: readonly { name: string }[]): string[] {
  return names.filter((name) => !found.some((item) => item.name === name));
}
