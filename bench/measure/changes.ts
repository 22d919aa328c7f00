import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../test/support/api.ts';
import { clusterDeployments, helmReleases } from '../../test/support/kinds.ts';
import { dig } from '../../test/support/json.ts';
import { otherPolicy } from '../fleet/fleet.ts';
import type { BenchCluster, Fleet } from '../fleet/fleet.ts';
import type { Connection } from '../floor/bare-client.ts';
import { watchCollection } from './watch.ts';

const TIMEOUT_MS = 30_000;
/** Between two changes, so that what follows the one (condition, event) does not slow the next one down. */
const PAUSE_MS = 100;

/**
 * Changes the reference of the clusters, one after the other, and waits each time until a watch shows the new hash in
 * the HelmRelease. The fleet's record of who names what is brought up to date.
 * @returns milliseconds from the change sent to the hash seen, one per cluster
 */
export async function timeChanges(
  api: Api,
  connection: Connection,
  fleet: Fleet,
  clusters: readonly BenchCluster[],
  signal: AbortSignal,
): Promise<number[]> {
  const { namespace } = fleet;
  let seen: (name: unknown, hash: unknown) => void = () => undefined;
  const watch = await watchCollection(connection, helmReleases(namespace), ({ object }) => {
    seen(dig(object, 'metadata', 'name'), dig(object, 'spec', 'values', 'audit', 'policyRef', 'hash'));
  });
  const times: number[] = [];
  try {
    for (const cluster of clusters) {
      signal.throwIfAborted();
      const policy = otherPolicy(fleet, cluster);
      const patched = new Promise<number>((resolve) => {
        seen = (name, hash) => {
          if (name === cluster.name && hash === policy.hash) resolve(performance.now());
        };
      });
      const start = performance.now();
      const sent = api.mergePatch(clusterDeployments(namespace, cluster.name), {
        spec: { auditPolicy: policy.name },
      });
      const [end] = await Promise.all([Promise.race([patched, watch.failed, tooLate(cluster)]), sent]);
      times.push(end - start);
      cluster.policy = policy;
      await sleep(PAUSE_MS);
    }
  } finally {
    watch.close();
  }
  return times;
}

async function tooLate({ name }: BenchCluster): Promise<never> {
  await sleep(TIMEOUT_MS, undefined, { ref: false });
  throw new Error(`${name}: its HelmRelease has not got the new hash after ${TIMEOUT_MS / 1000} s`);
}
