import type { AcceptedPolicy } from '../policy/content.ts';
import { hasRightMetadata, policyRefInPlace, wantedOwner } from './in-place.ts';
import type { Reverts } from './observed/config-map.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import type { Observed } from './types.ts';

/** Every turn against another writer rolls a control plane, so there are two and no third. */
export const MOST_REWRITES = 2;

/**
 * The count after another writer has taken our reference out of the values or changed it, or undefined when that is not what
 * happened: the ConfigMap's annotations say that this content was delivered, and the values do not name it. What bytes it holds
 * tells nothing: such a writer may put its own there, too. A process that was killed between the two writes leaves the HelmRelease as the ConfigMap says that it was before them.
 */
export function countRevert(
  observed: Observed,
  wanted: AcceptedPolicy,
  helmRelease: HelmRelease,
): Reverts | undefined {
  const { configMap } = observed;
  if (configMap === undefined || observed.isValuesWriteUnfinished) return undefined;
  if (policyRefInPlace(observed)?.hash === wanted.hash) return undefined;
  if (!hasRightMetadata(configMap, wanted.sha256, wantedOwner(observed, helmRelease), observed))
    return undefined;
  const { uid, generation } = helmRelease;
  if (configMap.before?.uid === uid && configMap.before.generation === generation) return undefined;
  const before = configMap.reverts?.helmReleaseUid === uid ? configMap.reverts.count : 0;
  return { helmReleaseUid: uid, count: before + 1 };
}
