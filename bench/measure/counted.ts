import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../test/support/api.ts';
import { dig } from '../../test/support/json.ts';
import { auditPolicies } from '../../test/support/kinds.ts';
import type { Fleet } from '../fleet/fleet.ts';

const TIMEOUT_MS = 90_000;

/**
 * Resolves when the status of each policy has the number of its clusters, which the operator writes some time after they have
 * changed: that work is done then, and is not taken for another's or for restlessness.
 * @throws Error when a number is still wrong after 90 seconds
 */
export async function untilCounted(api: Api, fleet: Fleet, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const wrong = await wrongCounts(api, fleet);
    if (wrong.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not counted: ${wrong.slice(0, 5).join('; ')}`);
    await sleep(1000, undefined, { signal });
  }
}

async function wrongCounts(api: Api, { namespace, clusters }: Fleet): Promise<string[]> {
  const policies = await api.list(auditPolicies(namespace));
  return policies.flatMap(({ metadata: { name }, status }) => {
    const wanted = clusters.filter(({ policy }) => policy.name === name).length;
    const found = ['clusters', 'clustersInPlace'].map((field) => dig(status, field));
    return found.every((count) => count === wanted) ? [] : [`${name}: ${found.join(', ')}, not ${wanted}`];
  });
}
