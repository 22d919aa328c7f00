import { EVENTS } from '../../api/events.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { planPolicyStatus } from '../../plan/policy-status.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { EventRecorder } from '../../runtime/recorder.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_AUDIT_POLICIES } from '../kinds.ts';

export interface PolicyReconcilerOptions {
  client: KubeClient;
  cache: Cache;
  recorder: EventRecorder;
  clock: Clock;
}

/**
 * Keeps the status of one ClusterAuditPolicy. Under KCM's own CRD there is none; and where KCM runs, every write on a
 * policy would wake it for each cluster that names the policy, so none is made.
 * @param key `namespace/name`
 */
export async function reconcilePolicy(
  options: PolicyReconcilerOptions,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, cache, recorder, clock } = options;
  const policy = cache.policies.get(key);
  if (policy === undefined || policy.deleting || cache.kcmPresent) return;
  if (cache.crd(CLUSTER_AUDIT_POLICIES)?.hasStatus !== true) return;
  const { status, events } = planPolicyStatus(policy, clock.now());
  const { namespace, name, uid } = policy;
  const identity = { apiVersion: K0RDENT_API_VERSION, kind: CLUSTER_AUDIT_POLICIES.kind };
  if (status !== undefined) {
    const body = { ...identity, metadata: { namespace, name, uid }, status };
    const { sent, object } = await client.applyStatus(CLUSTER_AUDIT_POLICIES, { namespace, name }, body, {
      signal,
      force: true,
    });
    if (sent) cache.policies.upsert(cache.readPolicy(object));
  }
  const regarding = { ...identity, namespace, name, uid };
  for (const { reason, message } of events) recorder.event(regarding, EVENTS[reason].type, reason, message);
}
