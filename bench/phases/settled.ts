import { setTimeout as sleep } from 'node:timers/promises';
import { spread } from '../fleet/fleet.ts';
import { settleReleases } from '../fleet/seed.ts';
import type { RequestCount } from '../measure/api-metrics.ts';
import { timeChanges } from '../measure/changes.ts';
import { untilCounted } from '../measure/counted.ts';
import { openWindow } from '../measure/meter.ts';
import { percentile } from '../measure/percentile.ts';
import { untilQuiet, writesOf } from '../measure/quiet.ts';
import type { BenchResult, ChangeTimes } from '../result.ts';
import type { Bench, Fleets } from './context.ts';
import { floorChanges } from './floor-changes.ts';

/** What is found on a fleet that has converged. */
export interface SettledResult {
  writesAfterSettling: RequestCount[];
  changes: BenchResult['changes'];
  quiet: { seconds: number; writes: RequestCount[] };
}

/** Settles the operator's HelmReleases, changes references one by one (floor, operator, floor), then lets time pass. */
export async function settledPhases(bench: Bench, fleets: Fleets): Promise<SettledResult> {
  const { options, api, connection, controlPlane, signal, progress } = bench;
  const { operated } = fleets;
  progress.step('settling the HelmReleases');
  const settling = await openWindow(api, controlPlane);
  await settleReleases(
    api,
    operated,
    operated.clusters.map(({ name }) => name),
  );
  await untilQuiet(settling, signal);
  const writesAfterSettling = writesOf(await settling.requests());

  const changesA = await floorChanges(bench, fleets.floorA);
  const clusters = spread(operated, options.changes);
  progress.step(`operator: ${clusters.length} references changed one by one`);
  const changes = await timeChanges(api, connection, operated, clusters, signal);
  const changesB = await floorChanges(bench, fleets.floorB);

  await settleReleases(
    api,
    operated,
    clusters.map(({ name }) => name),
  );
  await untilQuiet(await openWindow(api, controlPlane), signal);
  await untilCounted(api, operated, signal);
  progress.step(`watching for writes for ${options.quietSeconds} quiet seconds`);
  const window = await openWindow(api, controlPlane);
  await sleep(options.quietSeconds * 1000, undefined, { signal });
  return {
    writesAfterSettling,
    changes: { floor: changeTimes([...changesA, ...changesB]), operator: changeTimes(changes) },
    quiet: { seconds: options.quietSeconds, writes: writesOf(await window.requests()) },
  };
}

function changeTimes(all: number[]): ChangeTimes {
  return { p50: percentile(all, 50), p99: percentile(all, 99), all };
}
