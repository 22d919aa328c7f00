import { deploymentOf } from '../../api/names.ts';
import type { WorkQueue } from '../../runtime/workqueue.ts';
import type { Cache } from '../cache.ts';

/** KCM makes several writes for one change; they are reported together. */
export const REPORT_AFTER_MS = 1_000;

/** Which change concerns which report. Where KCM does not run and there is no report, there is nothing to do. */
export function enqueueReports(cache: Cache, reports: WorkQueue): void {
  const add = (key: string): void => {
    if (cache.kcmPresent || cache.reports.get(key)) reports.addAfter(key, REPORT_AFTER_MS);
  };
  cache.deployments.subscribe(({ key }) => add(key));
  cache.helmReleases.subscribe(({ key }) => add(key));
  cache.reports.subscribe(({ key }) => add(key));
  cache.configMaps.subscribe(({ key }) => {
    const cluster = deploymentOf(key);
    if (cluster !== undefined) add(cluster);
  });
  cache.policies.subscribe(({ key }) => {
    for (const deployment of cache.deployments.byIndex('policy', key)) add(deployment.key);
  });
  cache.crds.subscribe(() => {
    for (const key of cache.deployments.keys()) add(key);
  });
}
