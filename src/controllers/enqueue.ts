import { isDeepStrictEqual } from 'node:util';
import { deploymentOf } from '../api/names.ts';
import type { ClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import type { PolicyConfigMap } from '../plan/observed/config-map.ts';
import type { WorkQueue } from '../runtime/workqueue.ts';
import type { Cache } from './cache.ts';

export interface Queues {
  clusters: WorkQueue;
  policies: WorkQueue;
  /** Namespaces. */
  revisions: WorkQueue;
}

/** Old revisions are no hurry: they wait until the change that made a new one is through. */
const FORGET_AFTER_MS = 5_000;

/** The clusters of a policy are counted when those that change together have changed. */
const COUNT_AFTER_MS = 2_000;

/** Which change concerns which key. Listeners only enqueue: what is to be done is decided from the cache alone. */
export function enqueueOnChange(
  cache: Cache,
  { clusters, policies, revisions }: Queues,
  until: AbortSignal,
): void {
  const count = (deployment: ClusterDeployment | undefined): void => {
    if (deployment?.auditPolicy === undefined) return;
    policies.addAfter(`${deployment.namespace}/${deployment.auditPolicy}`, COUNT_AFTER_MS);
  };
  cache.deployments.follow(({ key, before, after }) => {
    // Our own word is no news, and would make a refused write with ever new words a loop; but what came along with it is.
    const isOurWord = before !== undefined && after !== undefined && cache.isAsSaid(after);
    if (!(isOurWord && isSameButOurWord(before, after))) clusters.add(key);
    for (const item of [before, after]) {
      if (before?.auditPolicy !== after?.auditPolicy) count(item);
    }
  }, until);
  cache.helmReleases.follow(({ key, before, after }) => {
    const deployment = cache.deployments.get(key);
    if (deployment === undefined) return;
    clusters.add(key);
    if (before?.policyRef?.hash !== after?.policyRef?.hash) count(deployment);
  }, until);
  cache.configMaps.follow(({ key, before, after }) => {
    const cluster = deploymentOf(key);
    if (cluster === undefined) return;
    clusters.add(cluster);
    if (!holdsTheSame(before, after)) count(cache.deployments.get(cluster));
  }, until);
  cache.clusters.follow(({ before, after }) => {
    for (const item of [before, after]) if (item?.deploymentKey) clusters.add(item.deploymentKey);
  }, until);
  cache.policies.follow(({ key, before, after }) => {
    policies.add(key);
    if (before !== undefined && after !== undefined && isSameForClusters(before, after)) return;
    for (const deployment of cache.deployments.byIndex('policy', key)) clusters.add(deployment.key);
  }, until);
  cache.revisions.follow(({ before, after }) => {
    if (before === undefined && after !== undefined) revisions.addAfter(after.namespace, FORGET_AFTER_MS);
    if (after === undefined && before !== undefined) {
      for (const { key, policyRef } of cache.helmReleases.byIndex('namespace', before.namespace)) {
        if (policyRef?.hash === before.sha256.slice(0, 8)) clusters.add(key);
      }
    }
  }, until);
  // How a kind may be written, and who else writes it, hangs on the CRDs.
  cache.crds.follow(() => {
    for (const key of cache.deployments.keys()) clusters.add(key);
    for (const key of cache.policies.keys()) policies.add(key);
  }, until);
}

/** Whether two versions of a deployment differ in nothing that a plan reads but the condition that is ours. */
function isSameButOurWord(before: ClusterDeployment, after: ClusterDeployment): boolean {
  const facts = (deployment: ClusterDeployment) => ({
    ...deployment,
    resourceVersion: '',
    condition: undefined,
    conditionIndex: 0,
    conditionCount: 0,
  });
  return isDeepStrictEqual(facts(before), facts(after));
}

function holdsTheSame(before: PolicyConfigMap | undefined, after: PolicyConfigMap | undefined): boolean {
  const keys = (item: typeof after) => [item?.extraKeys.length, item?.extraBinaryKeys.length].join();
  return before?.sha256 === after?.sha256 && keys(before) === keys(after);
}

/** Whether two versions of a policy differ in nothing that concerns its clusters: its own status, most of the time. */
function isSameForClusters(before: ClusterAuditPolicy, after: ClusterAuditPolicy): boolean {
  const facts = ({ uid, content, deleting, paused, propagation, requestedAt }: ClusterAuditPolicy) =>
    [uid, content, deleting, paused, propagation, requestedAt] as const;
  const then = facts(before);
  return facts(after).every((fact, index) => fact === then[index]);
}
