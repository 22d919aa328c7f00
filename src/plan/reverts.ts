import type { AcceptedPolicy } from '../policy/content.ts';
import { hasRightMetadata, policyRefInPlace, wantedOwner } from './in-place.ts';
import type { Reverts } from './observed/config-map.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import type { Observed } from './types.ts';

/** Every turn against another writer rolls a control plane, so there are two and no third. */
export const MOST_REWRITES = 2;

/**
 * The sha256 of the content that was delivered and that the values do not name any more, because another writer has taken our
 * reference out or changed it; undefined when that is not what happened. What bytes the ConfigMap holds tells nothing: such a
 * writer may put its own there, too. A process that was killed between the two writes leaves the HelmRelease as the ConfigMap
 * says that it was before them.
 */
export function replacedContent(observed: Observed, { uid, generation }: HelmRelease): string | undefined {
  const { annotatedSha256, before } = observed.configMap ?? {};
  if (annotatedSha256 === undefined || observed.isValuesWriteUnfinished) return undefined;
  if (policyRefInPlace(observed)?.hash === annotatedSha256.slice(0, 8)) return undefined;
  return before?.uid === uid && before.generation === generation ? undefined : annotatedSha256;
}

/** What was delivered for the policy that the cluster names, and that another writer has replaced. */
export interface TakenOut {
  sha256: string;
  /** This time included. */
  reverts: Reverts;
}

/** What another writer has taken out of the values, if the ConfigMap is otherwise as the delivery left it. */
export function takenOut(observed: Observed, helmRelease: HelmRelease): TakenOut | undefined {
  const { configMap } = observed;
  const replaced = replacedContent(observed, helmRelease);
  const sha256 = replaced ?? halfPutBack(observed, helmRelease);
  if (configMap === undefined || sha256 === undefined) return undefined;
  if (!hasRightMetadata(configMap, sha256, wantedOwner(observed, helmRelease), observed)) return undefined;
  const { uid } = helmRelease;
  const before = configMap.reverts?.helmReleaseUid === uid ? configMap.reverts.count : 0;
  const count = replaced === undefined ? before : before + 1;
  return { sha256, reverts: { helmReleaseUid: uid, count } };
}

/**
 * The content that was being put back when the process was killed between the two writes: a turn that is counted already. Only what had
 * been delivered has a count, so this is no first delivery.
 */
function halfPutBack(observed: Observed, { uid, generation }: HelmRelease): string | undefined {
  const { annotatedSha256, before, reverts } = observed.configMap ?? {};
  if (before?.uid !== uid || before.generation !== generation || reverts?.helmReleaseUid !== uid)
    return undefined;
  return policyRefInPlace(observed)?.hash === annotatedSha256?.slice(0, 8) ? undefined : annotatedSha256;
}

/** How often the wanted content was replaced by another writer, this time included; undefined when it was not now. */
export function countRevert(
  observed: Observed,
  wanted: AcceptedPolicy,
  helmRelease: HelmRelease,
): Reverts | undefined {
  if (replacedContent(observed, helmRelease) !== wanted.sha256) return undefined;
  return takenOut(observed, helmRelease)?.reverts;
}
