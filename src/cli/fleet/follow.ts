import { isDeepStrictEqual } from 'node:util';
import { deploymentOf } from '../../api/names.ts';
import * as kinds from '../../controllers/kinds.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Named } from './view.ts';
import { Fleet } from './read-fleet.ts';

/** Changes come in bursts: a roll-out touches several objects of each cluster. */
const QUIET_MS = 300;
const LOOK_MS = 50;
const AGAIN_MS = 5000;

/**
 * Watches what was read until `signal` is aborted, and tells of the items that are new or not as they were.
 * @param known the items as they were read
 * @param itemsOf the items as they are now
 */
export async function follow<T extends Named>(
  read: Fleet,
  known: readonly T[],
  itemsOf: (fleet: Fleet) => Promise<readonly T[]>,
  onChange: (items: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { session } = read;
  const fleet = new Fleet(session, read.namespace, read.logger);
  const { cache } = fleet;
  // Who may not watch definitions keeps what was read of them.
  for (const crd of read.cache.crds.list()) cache.crds.upsert(crd);
  const before = new Map(known.map((item) => [keyOf(item), item]));
  let touched: () => void = () => undefined;
  // Of an observed fleet every ConfigMap has to be looked at by itself: only where something has changed.
  const changed = new Set<string>();
  const { clusters, configMaps, crds, deployments, helmReleases, policies } = cache;
  for (const store of [clusters, configMaps, crds, deployments, helmReleases, policies]) {
    store.subscribe(() => touched());
  }
  for (const store of [deployments, helmReleases]) store.subscribe(({ key }) => changed.add(key));
  configMaps.subscribe(({ key }) => changed.add(deploymentOf(key) ?? key));
  const watching = cache.run(signal);
  await untilRead(fleet, read.notServed, session.clock, signal);
  while (!signal.aborted) {
    const change = new Promise<void>((resolve) => {
      touched = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const keys = [...changed];
    changed.clear();
    try {
      await fleet.lookUpConfigMaps(keys);
      const items = await itemsOf(fleet);
      const news = items.filter((item) => !isDeepStrictEqual(item, before.get(keyOf(item))));
      before.clear();
      for (const item of items) before.set(keyOf(item), item);
      if (news.length > 0) onChange(news);
    } catch (error) {
      // The watches come back by themselves, and so does this.
      if (!isKubeError(error)) throw error;
      for (const key of keys) changed.add(key);
      await session.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
      continue;
    }
    await change;
    await session.clock.sleep(QUIET_MS, signal).catch(() => undefined);
  }
  await watching;
}

/** Not by `Cache.ready`, which waits for kinds that a looker may not read. */
async function untilRead(
  { cache }: Fleet,
  notServed: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const needed = [
    { kind: kinds.CLUSTER_DEPLOYMENTS, store: cache.deployments },
    { kind: kinds.CLUSTER_AUDIT_POLICIES, store: cache.policies },
    { kind: kinds.HELM_RELEASES, store: cache.helmReleases },
    { kind: kinds.CONFIG_MAPS, store: cache.configMaps },
  ].filter(({ kind }) => !notServed.includes(kind.plural));
  while (!signal.aborted && needed.some(({ store }) => store.resourceVersion === undefined)) {
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
}

function keyOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}
