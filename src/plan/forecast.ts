import { saysTheSame } from '../api/condition.ts';
import type { Reason } from '../api/reasons.ts';
import { isObserver } from './cluster.ts';
import { quorumWarning } from './control-plane-size.ts';
import type { Action, Observed, Plan } from './types.ts';

/**
 * What a plan means for a cluster, from nothing to the most: `nothing`, `condition` (only that is written), `configMap` (taken over
 * or written, and nothing rolls), `waits` (nothing is written until something passes), `refused` (nothing is written until a
 * person acts), `rolls` (the values change, so the control plane rolls); `observer`: KCM's, nothing is ever written.
 */
export type Outlook = 'nothing' | 'condition' | 'configMap' | 'waits' | 'refused' | 'rolls' | 'observer';

export interface Forecast {
  outlook: Outlook;
  /** The control plane rolls, now or once what it waits for has passed. */
  willRoll: boolean;
  /** Why it waits or is refused, with the condition's reason; absent otherwise. */
  reason?: Reason;
  message?: string;
  /** Of a control plane that can lose its quorum on the way; absent when it does not roll. */
  warning?: string;
}

/** Reasons of a False condition that pass without anybody mending anything. */
const WAITS: ReadonlySet<string> = new Set<Reason>([
  'Paused',
  'DryRun',
  'HelmReleaseNotFound',
  'HelmReleaseDeleting',
  'HelmReleaseSuspended',
  'RollInProgress',
  'ChangeHeld',
  'ChangeQueued',
]);

/** Of those, the ones that hold back a change of the values. */
const HOLDS_A_ROLL: ReadonlySet<string> = new Set<Reason>([
  'HelmReleaseSuspended',
  'RollInProgress',
  'ChangeHeld',
  'ChangeQueued',
]);

/** What carrying out a plan would do to its cluster. Pure. */
export function forecast(observed: Observed, plan: Plan): Forecast {
  if (isObserver(observed)) return { outlook: 'observer', willRoll: false };
  const { actions, condition } = plan;
  if (actions.some(changesValues)) return rolls(observed, { outlook: 'rolls' });
  if (typeof condition !== 'string' && condition.status === 'False') {
    const { message } = condition;
    const reason = condition.reason as Reason;
    if (!WAITS.has(reason)) return { outlook: 'refused', willRoll: false, reason, message };
    const waiting = { outlook: 'waits', reason, message } as const;
    return HOLDS_A_ROLL.has(reason) ? rolls(observed, waiting) : { ...waiting, willRoll: false };
  }
  if (actions.length > 0) return { outlook: 'configMap', willRoll: false };
  return { outlook: isSaid(observed, plan) ? 'nothing' : 'condition', willRoll: false };
}

function rolls(observed: Observed, base: Omit<Forecast, 'willRoll' | 'warning'>): Forecast {
  const warning = quorumWarning(observed);
  return { ...base, willRoll: true, ...(warning === undefined ? {} : { warning }) };
}

function changesValues({ type }: Action): boolean {
  return type === 'SetPolicyRef' || type === 'ReleasePolicyRef' || type === 'RemovePolicyRef';
}

function isSaid({ deployment }: Observed, { condition }: Plan): boolean {
  const before = deployment.condition;
  if (condition === 'keep') return true;
  if (condition === 'remove') return before === undefined;
  return before !== undefined && saysTheSame(before, condition);
}
