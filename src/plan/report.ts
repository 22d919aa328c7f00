import { saysTheSame, type ConditionContent } from '../api/condition.ts';
import type { EventReason } from '../api/events.ts';
import { CLUSTER_CONDITION, type Reason } from '../api/reasons.ts';
import { messageText } from '../api/visible.ts';
import type { Observed, PlannedEvent } from './types.ts';

/** The condition of a deployment, for its present generation. */
export function say(
  observed: Observed,
  status: ConditionContent['status'],
  reason: Reason,
  message: string,
): ConditionContent {
  return {
    type: CLUSTER_CONDITION,
    status,
    reason,
    message: messageText(message),
    observedGeneration: observed.deployment.generation,
  };
}

/** The event that goes with a condition: only when the condition is news, so that a steady state makes none. */
export function eventIfNews(
  observed: Observed,
  condition: ConditionContent,
  reason: EventReason,
): PlannedEvent[] {
  const before = observed.deployment.condition;
  const news =
    before === undefined ||
    !saysTheSame({ ...before, observedGeneration: 0 }, { ...condition, observedGeneration: 0 });
  return news ? [{ reason, message: condition.message }] : [];
}

const SHOWN = 3;

/** The first few of a list of findings as one sentence, and how many more there are: a condition is read on a terminal. */
export function firstFew(findings: readonly string[]): string {
  const shown = findings.slice(0, SHOWN).join('; ');
  const whole = findings.length > SHOWN ? `${shown}; and ${findings.length - SHOWN} more` : shown;
  return /[.?!]$/.test(whole) ? whole : `${whole}.`;
}
