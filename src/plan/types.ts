import type { ConditionContent } from '../api/condition.ts';
import type { EventReason } from '../api/events.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import type { ClusterAuditPolicy } from './observed/audit-policy.ts';
import type { CapiCluster } from './observed/capi-cluster.ts';
import type { ClusterDeployment } from './observed/cluster-deployment.ts';
import type { HelmReleaseVersion, Owner, PolicyConfigMap, Reverts } from './observed/config-map.ts';
import type { HelmRelease, PolicyRef } from './observed/helm-release.ts';

/** Everything that decides what happens to one cluster, as one value. */
export interface Observed {
  /** Epoch milliseconds. */
  now: number;
  /**
   * The API server could not be reached until then, epoch milliseconds; `now` while it cannot. Nobody could do or tell anything
   * in that time, so no deadline runs out by it alone.
   */
  outOfSightUntil?: number;
  /** KCM >= 1.10 runs here and knows `spec.auditPolicy`. */
  kcmPresent: boolean;
  deployment: ClusterDeployment;
  /** The policy that the deployment names, when it exists. */
  policy?: ClusterAuditPolicy;
  helmRelease?: HelmRelease;
  /** The ConfigMap of our name, whoever made it. */
  configMap?: PolicyConfigMap;
  capiCluster?: CapiCluster;
  /** Other clusters whose change is under way now; none when absent. */
  changesElsewhere?: number;
  /** This process began to write the values of this cluster and does not know that it was done. */
  isValuesWriteUnfinished?: boolean;
  /** The digests (sha256) that are kept as revisions in the namespace. */
  keptRevisions: readonly string[];
}

/** What the administrator of the operator decides. */
export interface PlanSettings {
  assumedVersion: KubernetesVersion;
  rollDeadlineMs: number;
  configMapRetentionMs: number;
  /** How many clusters may change at a time because a policy was edited. */
  maxConcurrentChanges: number;
  /** For causes that no watch reports. */
  lookAgainMs: number;
}

/** One write. They are sent in order; the first failure ends the reconcile. */
export type Action =
  | { type: 'KeepRevision'; sha256: string; yaml: string }
  | ({ type: 'CreateConfigMap' } & ConfigMapWrite)
  | ({ type: 'PatchConfigMap'; configMap: PolicyConfigMap } & ConfigMapWrite)
  | { type: 'MarkReleased'; configMap: PolicyConfigMap; releasedAt: string }
  /** `toMakeRoom`: for one that cannot be patched, so that no finalizer may keep it. */
  | { type: 'DeleteConfigMap'; configMap: PolicyConfigMap; toMakeRoom?: true }
  /** `overLeftBehind`: over keys that another manager wrote once and left, if they still say what was seen. */
  | { type: 'SetPolicyRef'; helmRelease: HelmRelease; hash: string; overLeftBehind: boolean }
  /** Gives our own keys back, so that nothing but them goes. */
  | { type: 'ReleasePolicyRef'; helmRelease: HelmRelease }
  /** Removes keys that another manager left behind, if they still say what was seen. */
  | { type: 'RemovePolicyRef'; helmRelease: HelmRelease; policyRef: PolicyRef };

/** What a ConfigMap is made to be. */
export interface ConfigMapWrite {
  content: ConfigMapContent;
  owner: Owner;
  /** The ClusterAuditPolicy that the content comes from, where that is known. */
  policy?: string;
  /** The HelmRelease whose values are written next; absent when they stay. */
  before?: HelmReleaseVersion;
  /** The sha256 of what was delivered, where another writer has replaced it: it goes on being known, so that turns are counted. */
  delivered?: string;
  /** The turns of another writer, counted. */
  reverts?: Reverts;
}

/** The bytes to put in place: at hand, or to be fetched from the kept revision. */
export type ConfigMapContent = { sha256: string; yaml: string } | { sha256: string; fromRevision: true };

export interface PlannedEvent {
  reason: EventReason;
  message: string;
}

/** What to do about one cluster, and what to say. */
export interface Plan {
  actions: readonly Action[];
  /** `keep`: it is not ours to write now. `remove`: nothing is said of a cluster that names no policy. */
  condition: ConditionContent | 'keep' | 'remove';
  /** Sent once the actions have been. */
  events: readonly PlannedEvent[];
  /** Look again after this time even if nothing happens. */
  requeueAfterMs?: number;
}
