import { setTimeout as sleep } from 'node:timers/promises';
import { CLUSTER_CONDITION } from '../../src/api/reasons.ts';
import { clusterDeployments } from '../../test/support/kinds.ts';
import { dig } from '../../test/support/json.ts';
import type { Connection } from '../floor/bare-client.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { watchCollection } from './watch.ts';

/** How a fleet becomes ready, as a watch from outside sees it. */
export interface Readiness {
  /**
   * Resolves when every ClusterDeployment has ClusterAuditPolicyReady=True.
   * @param check is called about every second, to throw when waiting is in vain
   * @returns when the first and the last became ready, on the clock of performance.now()
   * @throws Error when no further cluster becomes ready for a minute
   */
  all(check: () => void | Promise<void>): Promise<{ first: number; last: number }>;
  close(): void;
}

const NO_PROGRESS_MS = 60_000;

/** Begins to watch a fleet of which no cluster is ready yet. */
export async function watchReadiness(connection: Connection, fleet: Fleet): Promise<Readiness> {
  const waiting = new Set(fleet.clusters.map(({ name }) => name));
  let first = Number.NaN;
  let last = Number.NEGATIVE_INFINITY;
  let lastWords = 'no condition has been seen';
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const watch = await watchCollection(connection, clusterDeployments(fleet.namespace), ({ object }) => {
    const name = dig(object, 'metadata', 'name');
    const condition = conditionOf(object);
    if (typeof name !== 'string' || condition === undefined) return;
    if (dig(condition, 'status') !== 'True') {
      lastWords = `${name}: ${String(dig(condition, 'reason'))}: ${String(dig(condition, 'message'))}`;
      return;
    }
    if (!waiting.delete(name)) return;
    last = performance.now();
    if (Number.isNaN(first)) first = last;
    if (waiting.size === 0) finish();
  });
  return {
    async all(check) {
      const stop = new AbortController();
      const since = performance.now();
      const supervise = async (): Promise<never> => {
        for (;;) {
          await sleep(1000, undefined, { signal: stop.signal });
          await check();
          if (performance.now() - Math.max(since, last) > NO_PROGRESS_MS) {
            const ready = fleet.clusters.length - waiting.size;
            throw new Error(
              `${ready} of ${fleet.clusters.length} ready, none more for a minute; ${lastWords}`,
            );
          }
        }
      };
      try {
        await Promise.race([finished, watch.failed, supervise()]);
      } finally {
        stop.abort();
      }
      return { first, last };
    },
    close: () => watch.close(),
  };
}

function conditionOf(object: unknown): unknown {
  const conditions = dig(object, 'status', 'conditions');
  return Array.isArray(conditions)
    ? conditions.find((condition) => dig(condition, 'type') === CLUSTER_CONDITION)
    : undefined;
}
