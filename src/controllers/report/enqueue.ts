import { deploymentOf } from '../../api/names.ts';
import type { WorkQueue } from '../../runtime/workqueue.ts';
import type { Cache } from '../cache.ts';

/** KCM makes several writes for one change; they are reported together. */
export const REPORT_AFTER_MS = 1_000;

/** Which change concerns which report. Where KCM does not run and there is no report, there is nothing to do. */
export function enqueueReports(cache: Cache, reports: WorkQueue, until: AbortSignal): void {
  const add = (key: string): void => {
    if (cache.kcmPresent || cache.reports.get(key)) reports.addAfter(key, REPORT_AFTER_MS);
  };
  cache.deployments.follow(({ key }) => add(key), until);
  cache.helmReleases.follow(({ key }) => add(key), until);
  cache.reports.follow(({ key }) => add(key), until);
  cache.configMaps.follow(({ key }) => {
    const cluster = deploymentOf(key);
    if (cluster !== undefined) add(cluster);
  }, until);
  cache.policies.follow(({ key }) => {
    for (const deployment of cache.deployments.byIndex('policy', key)) add(deployment.key);
  }, until);
  cache.crds.follow(() => {
    for (const key of cache.deployments.keys()) add(key);
  }, until);
}
