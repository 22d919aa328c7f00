import { policyRefInPlace } from './in-place.ts';
import type { Observed, PlanSettings } from './types.ts';

/** Of an observation, what is in place at the cluster. */
type Place = Pick<Observed, 'now' | 'deployment' | 'helmRelease' | 'configMap'>;

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
  const deadlineMs = started + settings.rollDeadlineMs;
  if (observed.now >= deadlineMs) return undefined;
  const hash = policyRefInPlace(observed)?.hash;
  return { deadlineMs, what: hash ? `the roll-out of hash ${hash}` : 'the roll-out without an audit policy' };
}

/** From managedFields when the values name a policy, from the ConfigMap's mark when they no longer do. */
function lastValuesWrite(observed: Place): number | undefined {
  const { helmRelease, configMap } = observed;
  if (helmRelease?.policyRef) {
    const times = helmRelease.policyRefOwners.map(({ timeMs }) => timeMs);
    return times.length > 0 ? Math.max(...times) : undefined;
  }
  const released = configMap?.releasedAt === undefined ? Number.NaN : Date.parse(configMap.releasedAt);
  return Number.isNaN(released) ? undefined : released;
}
