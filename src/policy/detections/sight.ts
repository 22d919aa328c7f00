import { STAGE_OF_NOBODY } from '../recorded-stages.ts';
import { LEVELS, type AuditPolicy, type Stage } from '../types.ts';
import type { Detection } from './detection.ts';

/** Of the requests that a detection looks at: all of them are recorded as it needs them, some, or none; undecided within the bound. */
export type Sight = 'sees' | 'partly' | 'blind' | 'undecided';

/** Whether what a rule (-1: none matches) decides is recorded so that the detection sees it. */
export function seeingRules(
  policy: AuditPolicy,
  detection: Detection,
): (rule: number, isOfNobody?: boolean) => boolean {
  const ofUsers = sufficient(policy, detection, detection.stages);
  const ofNobody = sufficient(
    policy,
    detection,
    detection.stages.filter((stage) => stage === STAGE_OF_NOBODY),
  );
  return (rule, isOfNobody = false) => (isOfNobody ? ofNobody : ofUsers)[rule] ?? false;
}

/** By rule: whether its level is enough and one of the stages is left. */
function sufficient(policy: AuditPolicy, detection: Detection, stages: readonly Stage[]): boolean[] {
  const needed = LEVELS.indexOf(detection.level);
  return (policy.rules ?? []).map(({ level, omitStages = [] }) => {
    const omitted = new Set([...(policy.omitStages ?? []), ...omitStages]);
    const isRecorded = (LEVELS as readonly string[]).indexOf(level) >= needed;
    return isRecorded && stages.some((stage) => !omitted.has(stage));
  });
}

/** @param seen, blind what was found of each: a request, none, or that it is undecided */
export function sightOf(
  seen: object | undefined | 'undecided',
  blind: object | undefined | 'undecided',
): Sight {
  if (seen === 'undecided' || blind === 'undecided') return 'undecided';
  if (blind === undefined) return 'sees';
  return seen === undefined ? 'blind' : 'partly';
}
