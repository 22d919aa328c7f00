import { isDeepStrictEqual } from 'node:util';
import { configMapName } from '../api/names.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import type { WorkQueue } from '../runtime/workqueue.ts';
import type { Cache } from './cache.ts';

export interface Queues {
  clusters: WorkQueue;
  policies: WorkQueue;
  /** Namespaces. */
  revisions: WorkQueue;
}

const CONFIG_MAP_SUFFIX = configMapName('');
/** Old revisions are no hurry: they wait until the change that made a new one is through. */
const FORGET_AFTER_MS = 5_000;

/** Which change concerns which key. Listeners only enqueue: what is to be done is decided from the cache alone. */
export function enqueueOnChange(cache: Cache, { clusters, policies, revisions }: Queues): void {
  cache.deployments.subscribe(({ key, before, after }) => {
    // Our own word is no news, and would make a refused write with ever new words a loop; but what came along with it is.
    const isOurWord = before !== undefined && after !== undefined && cache.isAsSaid(after);
    if (!(isOurWord && isSameButOurWord(before, after))) clusters.add(key);
  });
  cache.helmReleases.subscribe(({ key }) => {
    if (cache.deployments.get(key)) clusters.add(key);
  });
  cache.configMaps.subscribe(({ key }) => {
    if (key.endsWith(CONFIG_MAP_SUFFIX)) clusters.add(key.slice(0, -CONFIG_MAP_SUFFIX.length));
  });
  cache.clusters.subscribe(({ before, after }) => {
    for (const item of [before, after]) if (item?.deploymentKey) clusters.add(item.deploymentKey);
  });
  cache.policies.subscribe(({ key }) => {
    policies.add(key);
    for (const deployment of cache.deployments.byIndex('policy', key)) clusters.add(deployment.key);
  });
  cache.revisions.subscribe(({ before, after }) => {
    if (before === undefined && after !== undefined) revisions.addAfter(after.namespace, FORGET_AFTER_MS);
    if (after === undefined && before !== undefined) {
      for (const { key, policyRef } of cache.helmReleases.byIndex('namespace', before.namespace)) {
        if (policyRef?.hash === before.sha256.slice(0, 8)) clusters.add(key);
      }
    }
  });
  // How a kind may be written, and who else writes it, hangs on the CRDs.
  cache.crds.subscribe(() => {
    for (const key of cache.deployments.keys()) clusters.add(key);
    for (const key of cache.policies.keys()) policies.add(key);
  });
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
