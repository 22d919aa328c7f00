import { setTimeout as sleep } from 'node:timers/promises';
import { isWrite, total } from './api-metrics.ts';
import type { RequestCount } from './api-metrics.ts';
import type { Window } from './meter.ts';

/** Kinds that the operator reads or writes. Leases are left out: the API server renews one of its own. */
const KINDS = new Set([
  'clusterdeployments',
  'clusterauditpolicies',
  'helmreleases',
  'configmaps',
  'controllerrevisions',
  'events',
  'clusters',
  'customresourcedefinitions',
  'secrets',
  'namespaces',
]);

/**
 * The requests that can only be the operator's or a floor's: of its kinds, without those of the bench itself (the
 * references that it changes, the status of HelmReleases that it writes in Flux' stead).
 */
export function operatorsOwn(counts: readonly RequestCount[]): RequestCount[] {
  return counts.filter(
    ({ resource, subresource, verb }) =>
      KINDS.has(resource) &&
      !(resource === 'helmreleases' && subresource === 'status') &&
      !(resource === 'clusterdeployments' && subresource === '' && verb === 'PATCH'),
  );
}

/** Of these, the writes. */
export function writesOf(counts: readonly RequestCount[]): RequestCount[] {
  return operatorsOwn(counts).filter(isWrite);
}

const QUIET_READINGS = 3;
const READING_MS = 1000;
const TIMEOUT_MS = 300_000;

/**
 * Resolves when three seconds have passed without a write.
 * @returns when the last write was seen, on the clock of performance.now(); up to a second late
 */
export async function untilQuiet(window: Window, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  let written = -1;
  let lastWrite = start;
  for (let quiet = 0; quiet < QUIET_READINGS;) {
    const now = total(writesOf(await window.requests()));
    quiet = now === written ? quiet + 1 : 0;
    if (now !== written) lastWrite = performance.now();
    written = now;
    if (performance.now() - start > TIMEOUT_MS) throw new Error('writes have not ended after 5 minutes');
    await sleep(READING_MS, undefined, { signal });
  }
  return lastWrite;
}
