import { isDeepStrictEqual } from 'node:util';
import type { Fleet } from './read-fleet.ts';

/** Changes come in bursts: a roll-out touches several objects of each cluster. */
const QUIET_MS = 300;

/**
 * Watches a fleet until `signal` is aborted, and tells of the items that are new or not as they were.
 * @param itemsOf all items as they are now
 */
export async function follow<T extends { namespace: string; name: string }>(
  fleet: Fleet,
  known: readonly T[],
  itemsOf: (fleet: Fleet) => Promise<readonly T[]>,
  onChange: (items: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { cache, session } = fleet;
  const before = new Map(known.map((item) => [keyOf(item), item]));
  let touched: () => void = () => undefined;
  const stores = [
    cache.deployments,
    cache.policies,
    cache.helmReleases,
    cache.configMaps,
    cache.crds,
    cache.clusters,
  ];
  for (const store of stores) store.subscribe(() => touched());
  const watching = cache.run(signal);
  await Promise.race([cache.ready(), watching]);
  while (!signal.aborted) {
    const change = new Promise<void>((resolve) => {
      touched = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await fleet.lookUpConfigMaps(cache.deployments.keys());
    const items = await itemsOf(fleet);
    const news = items.filter((item) => !isDeepStrictEqual(item, before.get(keyOf(item))));
    before.clear();
    for (const item of items) before.set(keyOf(item), item);
    if (news.length > 0) onChange(news);
    await change;
    await session.clock.sleep(QUIET_MS, signal).catch(() => undefined);
  }
  await watching;
}

function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}
