import { helmReleases } from '../../test/support/kinds.ts';
import { spread } from '../fleet/fleet.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { settleReleases } from '../fleet/seed.ts';
import { startFloorWorker } from '../floor/worker.ts';
import { timeChanges } from '../measure/changes.ts';
import type { Bench } from './context.ts';

/** References of a fleet changed one by one, answered by the bare floor. @returns milliseconds each */
export async function floorChanges(bench: Bench, fleet: Fleet): Promise<number[]> {
  const { api, connection, signal, progress, options } = bench;
  const clusters = spread(fleet, options.changes);
  progress.step(`floor: ${clusters.length} references of ${fleet.namespace} changed one by one`);
  await settleReleases(
    api,
    fleet,
    clusters.map(({ name }) => name),
  );
  const releases = await Promise.all(
    clusters.map(({ name }) => api.get(helmReleases(fleet.namespace, name))),
  );
  const { namespace, policies } = fleet;
  const floor = await startFloorWorker('change-worker.ts', { connection, namespace, releases, policies });
  try {
    const failed = floor.done.then(() => Promise.reject(new Error('the floor has stopped')));
    return await Promise.race([timeChanges(api, connection, fleet, clusters, signal), failed]);
  } finally {
    await floor.end();
  }
}
