import { policyRefInPlace } from './in-place.ts';
import type { PolicyConfigMap } from './observed/config-map.ts';
import type { Observed, PlanSettings } from './types.ts';

/** Of an observation, what is in place at the cluster. */
type Place = Pick<Observed, 'now' | 'outOfSightUntil' | 'deployment' | 'helmRelease' | 'configMap'>;

/** A change of this cluster that Flux has not finished. */
export interface UnderWay {
  /** When it counts as failed, epoch milliseconds. */
  deadlineMs: number;
  /** In words, for the condition. */
  what: string;
}

/**
 * The change under way, if there is one: from a write of the values until the HelmRelease is settled. It has failed,
 * and blocks nothing newer, when Flux has given up on it or the deadline has passed. A release whose values never
 * named a policy has no change of ours under way.
 */
export function underWay(
  observed: Place,
  settings: Pick<PlanSettings, 'rollDeadlineMs'>,
): UnderWay | undefined {
  const { helmRelease } = observed;
  if (helmRelease === undefined || helmRelease.settled || helmRelease.failure !== undefined) return undefined;
  const started = lastValuesWrite(observed);
  if (started === undefined) return undefined;
  const deadlineMs = countedFrom(started, observed) + settings.rollDeadlineMs;
  if (observed.now >= deadlineMs) return undefined;
  const hash = policyRefInPlace(observed)?.hash;
  return { deadlineMs, what: hash ? `the roll-out of hash ${hash}` : 'the roll-out without an audit policy' };
}

/**
 * Whether a change has begun of which only the first half is written: the ConfigMap has been made ready for it, and the values, which
 * nobody has written since, still name another content. A process that is killed in between leaves that, and the next one finishes it
 * without asking; so it counts.
 */
export function isHalfWritten(observed: Pick<Place, 'deployment' | 'helmRelease' | 'configMap'>): boolean {
  const { helmRelease, configMap } = observed;
  const hash = policyRefInPlace(observed)?.hash;
  if (helmRelease === undefined || configMap?.sha256 === undefined || hash === undefined) return false;
  const { before, sha256, annotatedSha256 } = configMap;
  return (
    before?.uid === helmRelease.uid &&
    before.generation === helmRelease.generation &&
    sha256 === annotatedSha256 &&
    !sha256.startsWith(hash)
  );
}

/** What began before the API server was out of sight has its whole time anew, epoch milliseconds. */
export function countedFrom(
  startedMs: number,
  { outOfSightUntil = startedMs }: Pick<Observed, 'outOfSightUntil'>,
): number {
  return Math.max(startedMs, outOfSightUntil);
}

/** From managedFields when the values name a policy, from the ConfigMap's mark when they no longer do. */
function lastValuesWrite(observed: Place): number | undefined {
  const { helmRelease, configMap, now } = observed;
  if (helmRelease?.policyRef) {
    const times = helmRelease.policyRefOwners.map(({ timeMs }) => timeMs);
    return times.length > 0 ? Math.max(...times) : undefined;
  }
  return configMap && releasedMs(configMap, now);
}

/** Clocks of two replicas differ by less. */
const MOST_SKEW_MS = 5 * 60_000;

/**
 * When the values stopped naming a ConfigMap, epoch milliseconds. The mark is open to whoever may write ConfigMaps: one that
 * is no time, or lies ahead and so would hold things up for as long as its writer likes, counts for nothing.
 */
export function releasedMs({ releasedAt }: PolicyConfigMap, now: number): number | undefined {
  const released = releasedAt === undefined ? Number.NaN : Date.parse(releasedAt);
  return Number.isNaN(released) || released > now + MOST_SKEW_MS ? undefined : released;
}
