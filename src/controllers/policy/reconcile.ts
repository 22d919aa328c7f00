import { EVENTS } from '../../api/events.ts';
import { configMapName, K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isDelivered } from '../../plan/in-place.ts';
import type { ClusterAuditPolicy } from '../../plan/observed/audit-policy.ts';
import { planPolicyStatus, type ClusterCounts } from '../../plan/policy-status.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import type { EventRecorder } from '../../runtime/recorder.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_AUDIT_POLICIES } from '../kinds.ts';

export interface PolicyReconcilerOptions {
  client: KubeClient;
  cache: Cache;
  recorder: EventRecorder;
  clock: Clock;
  /** Counts alone are written at most this often, and not before this time has passed since the start. Default 30,000. */
  countIntervalMs?: number | undefined;
}

/**
 * Keeps the status of ClusterAuditPolicies. Under KCM's own CRD there is none; and where KCM runs, every write on a
 * policy would wake it for each cluster that names the policy, so none is made.
 */
export class PolicyReconciler {
  readonly #options: PolicyReconcilerOptions;
  /** When this process last wrote the status of a policy, by the monotonic clock. */
  readonly #writtenAt = new Map<string, number>();
  readonly #startedAt: number;

  constructor(options: PolicyReconcilerOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  /** @param key `namespace/name` */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { client, cache, recorder, clock } = this.#options;
    const policy = cache.policies.get(key);
    if (policy === undefined || policy.deleting || cache.kcmPresent) {
      this.#writtenAt.delete(key);
      return undefined;
    }
    if (cache.crd(CLUSTER_AUDIT_POLICIES)?.hasStatus !== true) return undefined;
    const { status, isOnlyCounts, events } = planPolicyStatus(
      policy,
      countClusters(cache, policy),
      clock.now(),
    );
    const requeueAfterMs = isOnlyCounts ? this.#untilNextCount(key) : 0;
    if (requeueAfterMs > 0) return { requeueAfterMs };
    const { namespace, name, uid } = policy;
    const identity = { apiVersion: K0RDENT_API_VERSION, kind: CLUSTER_AUDIT_POLICIES.kind };
    if (status !== undefined) {
      const body = { ...identity, metadata: { namespace, name, uid }, status };
      const { sent, object } = await client.applyStatus(CLUSTER_AUDIT_POLICIES, { namespace, name }, body, {
        signal,
        force: true,
      });
      this.#writtenAt.set(key, clock.monotonic());
      if (sent) cache.policies.upsert(cache.readPolicy(object));
    }
    const regarding = { ...identity, namespace, name, uid };
    for (const { reason, message } of events) recorder.event(regarding, EVENTS[reason].type, reason, message);
    return undefined;
  }

  #untilNextCount(key: string): number {
    const { clock, countIntervalMs = 30_000 } = this.#options;
    return (this.#writtenAt.get(key) ?? this.#startedAt) + countIntervalMs - clock.monotonic();
  }
}

function countClusters(cache: Cache, policy: ClusterAuditPolicy): ClusterCounts {
  const naming = cache.deployments.byIndex('policy', policy.key);
  const inPlace = naming.filter((deployment) => {
    const helmRelease = cache.helmReleases.get(deployment.key);
    const configMap = cache.configMaps.get(`${deployment.namespace}/${configMapName(deployment.name)}`);
    return isDelivered({
      deployment,
      policy,
      ...(helmRelease ? { helmRelease } : {}),
      ...(configMap ? { configMap } : {}),
    });
  });
  return { clusters: naming.length, clustersInPlace: inPlace.length };
}
