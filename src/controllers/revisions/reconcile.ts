import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { revisionsToForget } from '../../plan/revisions.ts';
import type { Cache } from '../cache.ts';
import { CONTROLLER_REVISIONS } from '../kinds.ts';

/** Removes what the history of one namespace keeps beyond its limit; never what anything there still uses. */
export async function forgetOldRevisions(
  { client, cache, limit }: { client: KubeClient; cache: Cache; limit: number },
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const inUse = [
    ...cache.helmReleases.byIndex('namespace', namespace).map(({ policyRef }) => policyRef?.hash),
    ...cache.configMaps.byIndex('namespace', namespace).map(({ sha256 }) => sha256),
    ...cache.policies.byIndex('namespace', namespace).map(({ content }) => content.accepted?.sha256),
  ].filter((digest) => digest !== undefined);
  const kept = cache.revisions.byIndex('namespace', namespace);
  for (const { name, uid, resourceVersion } of revisionsToForget(kept, [...new Set(inUse)], limit)) {
    try {
      await client.delete(CONTROLLER_REVISIONS, { namespace, name }, { uid, resourceVersion, signal });
    } catch (error) {
      if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}
