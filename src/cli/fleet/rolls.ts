import { controlPlaneNumber, quorumWarning } from '../../plan/control-plane-size.ts';
import { policyRefInPlace } from '../../plan/in-place.ts';
import type { Observed, PlanSettings } from '../../plan/types.ts';
import { prospect, type Prospect } from './prospects.ts';

/** What a policy would do to a cluster that names it, whoever writes to that cluster; the shape of `-o json`. */
export interface Roll extends Prospect {
  /** Nodes of the control plane; null when nothing tells. */
  nodes: number | null;
  /** It would roll, and etcd can lose its quorum on the way: one node, or an even number. */
  isRisky: boolean;
}

/** Undefined for a cluster that would be left alone. Pure. */
export function roll(
  observed: Observed,
  settings: PlanSettings,
  referenceIsPruned: boolean,
): Roll | undefined {
  const found = prospect(observed, settings, referenceIsPruned);
  if (found === undefined) return undefined;
  const whole = found.outlook === 'observer' ? byKcm(found, observed) : found;
  return {
    ...whole,
    nodes: controlPlaneNumber(observed) ?? null,
    isRisky: whole.willRoll && quorumWarning(observed) !== undefined,
  };
}

/** KCM writes what it is told as soon as it is told. */
function byKcm(found: Prospect, observed: Observed): Prospect {
  const { dryRun, deleting } = observed.deployment;
  const isThere = observed.helmRelease !== undefined && !deleting && !dryRun;
  const willRoll = isThere && found.wanted !== null && policyRefInPlace(observed)?.hash !== found.wanted;
  if (!willRoll) return found;
  const warning = quorumWarning(observed);
  const message = `KCM manages it and would write hash ${found.wanted} into the values by itself.`;
  return { ...found, willRoll, message: warning === undefined ? message : `${message} ${warning}` };
}
