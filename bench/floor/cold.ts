import type { Api } from '../../test/support/api.ts';
import { clusterDeployments, helmReleases } from '../../test/support/kinds.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { IN_FLIGHT } from '../in-flight.ts';
import type { BareRequest, Connection } from './bare-client.ts';
import { startFloorWorker } from './worker.ts';
import type { FloorWorker } from './worker.ts';
import { coldWrites } from './writes.ts';

/** Prepares all writes of a fleet and a thread that holds them serialised, ready to be told `go`. */
export async function prepareColdFloor(api: Api, connection: Connection, fleet: Fleet): Promise<FloorWorker> {
  const clusters = await allWrites(api, fleet);
  return await startFloorWorker('cold-worker.ts', { connection, clusters, inFlight: IN_FLIGHT });
}

async function allWrites(api: Api, { namespace, clusters }: Fleet): Promise<BareRequest[][]> {
  const releases = new Map(
    (await api.list(helmReleases(namespace))).map((each) => [each.metadata.name, each]),
  );
  const deployments = new Map(
    (await api.list(clusterDeployments(namespace))).map((each) => [each.metadata.name, each]),
  );
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return clusters.map(({ name, policy }) => {
    const release = releases.get(name);
    const deployment = deployments.get(name);
    if (release === undefined || deployment === undefined) throw new Error(`${name} has not been seeded`);
    return coldWrites(deployment, release, policy, now);
  });
}
