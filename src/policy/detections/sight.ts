import { LEVELS, type AuditPolicy } from '../types.ts';
import type { Detection } from './detection.ts';

/** Of the requests that a detection looks at: all of them are recorded as it needs them, some, or none; undecided within the bound. */
export type Sight = 'sees' | 'partly' | 'blind' | 'undecided';

/** Whether what a rule (-1: none matches) decides is recorded so that the detection sees it. */
export function seeingRules(policy: AuditPolicy, detection: Detection): (rule: number) => boolean {
  const needed = LEVELS.indexOf(detection.level);
  const rules = (policy.rules ?? []).map(({ level, omitStages = [] }) => {
    const omitted = new Set([...(policy.omitStages ?? []), ...omitStages]);
    const isRecorded = (LEVELS as readonly string[]).indexOf(level) >= needed;
    return isRecorded && detection.stages.some((stage) => !omitted.has(stage));
  });
  return (rule) => rules[rule] ?? false;
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
