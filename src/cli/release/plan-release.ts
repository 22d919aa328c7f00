import { configMapName } from '../../api/names.ts';
import { planClear } from '../../plan/clear.ts';
import { isObserver } from '../../plan/cluster.ts';
import { ownership } from '../../plan/in-place.ts';
import type { Action, Observed, PlanSettings } from '../../plan/types.ts';

/** What comes next on the way to a cluster without anything of the operator's. */
export type Step =
  | { type: 'write'; actions: readonly Action[] }
  /** Flux, or the API server, is not done yet. */
  | { type: 'wait'; why: string }
  /** Nothing of the operator's is there any more. */
  | { type: 'done'; note?: string }
  /** It cannot be gone on with. */
  | { type: 'left'; why: string }
  /** Flux has failed to roll out what was changed. */
  | { type: 'failed'; why: string };

/** At once, since the user waits; what is not settled is never deleted anyway. */
const SETTINGS: Omit<PlanSettings, 'assumedVersion'> = {
  rollDeadlineMs: 30 * 60_000,
  configMapRetentionMs: 0,
  lookAgainMs: 60_000,
  maxConcurrentChanges: Number.MAX_SAFE_INTEGER,
};

/**
 * The next step of handing a cluster back, by the operator's own rules for a cleared reference, as if this one were cleared. Pure.
 */
export function planRelease(observed: Observed): Step {
  if (isObserver(observed)) return { type: 'done', note: 'KCM manages it; nothing there is the operator’s' };
  if (observed.deployment.deleting) return { type: 'done', note: 'the ClusterDeployment is being deleted' };
  if (observed.deployment.dryRun) {
    return { type: 'left', why: 'spec.dryRun is true, so nothing is written for it' };
  }
  const cleared = withoutReference(observed);
  const { configMap, helmRelease } = cleared;
  const { actions, condition } = planClear(cleared, { ...SETTINGS, assumedVersion: { major: 1, minor: 34 } });
  if (actions.length > 0) return { type: 'write', actions };
  if (typeof condition !== 'string') {
    return condition.reason === 'RollInProgress'
      ? { type: 'wait', why: 'Flux has not finished the roll-out under way' }
      : { type: 'left', why: condition.message };
  }
  const name = configMapName(cleared.deployment.name);
  if (helmRelease?.policyRef?.name === name && !helmRelease.deleting) {
    return {
      type: 'left',
      why: 'the reference in the values is not known to be the operator’s; remove spec.values.audit.policyRef where it comes from',
    };
  }
  if (configMap === undefined || helmRelease === undefined || helmRelease.deleting) return { type: 'done' };
  if (ownership(configMap, cleared) !== 'ours') {
    return { type: 'done', note: `ConfigMap "${name}" is not the operator’s and stays` };
  }
  if (configMap.deleting) return { type: 'wait', why: `ConfigMap "${name}" is being deleted` };
  if (helmRelease.failure !== undefined) {
    return {
      type: 'failed',
      why: `Flux failed to roll the change out (${helmRelease.failure}); ConfigMap "${name}" stays until it has`,
    };
  }
  if (helmRelease.suspended) {
    return {
      type: 'left',
      why: `HelmRelease "${helmRelease.name}" is suspended; resume it and run this again`,
    };
  }
  return { type: 'wait', why: 'Flux is rolling the change out' };
}

function withoutReference(observed: Observed): Observed {
  const deployment = { ...observed.deployment };
  delete deployment.auditPolicy;
  const cleared = { ...observed, deployment };
  delete cleared.policy;
  return cleared;
}
