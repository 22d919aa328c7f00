import type { Decision } from '../evaluate.ts';
import { stagesOf, type RequestKind } from '../recorded-stages.ts';
import { LEVELS } from '../types.ts';

/** What is recorded of a request; the same for all requests of a kind that one rule decides. */
export interface Outcome {
  /** None when nothing is recorded, be it that every stage is omitted. */
  level: string;
  stages: readonly string[];
  /** Whether managed fields are left out of the bodies that the level has. */
  omitsManagedFields: boolean;
}

/**
 * - `lost`: recorded before, and not any more
 * - `less`: less of it is recorded: of the bodies, at fewer stages, or without managed fields
 * - `mixed`: less in one respect and more in another
 * - `more`, `gained`: the other way round
 */
export const CHANGE_KINDS = ['lost', 'less', 'mixed', 'more', 'gained'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * What a decision means for a request of this kind. Of a failed login the body is not read, and the answer is a Status: at Request there is
 * no more of it than at Metadata, and managed fields there are none.
 */
export function outcomeOf(decision: Decision, kind: RequestKind): Outcome {
  const stages = stagesOf(decision, kind);
  if (stages.length === 0) return { level: 'None', stages, omitsManagedFields: false };
  if (kind === 'nobody') {
    const level = decision.level === 'RequestResponse' ? decision.level : 'Metadata';
    return { level, stages, omitsManagedFields: false };
  }
  const omitsManagedFields = decision.level !== 'Metadata' && decision.omitManagedFields;
  return { level: decision.level, stages, omitsManagedFields };
}

/** Whether that is less or more; undefined when it is the same. */
export function changeOf(before: Outcome, after: Outcome): ChangeKind | undefined {
  if (before.level === 'None') return after.level === 'None' ? undefined : 'gained';
  if (after.level === 'None') return 'lost';
  const levels = levelSteps(before, after);
  const isLess = [
    levels < 0,
    before.stages.some((stage) => !after.stages.includes(stage)),
    after.omitsManagedFields && !before.omitsManagedFields && hasBodies(before),
  ].includes(true);
  const isMore = [
    levels > 0,
    after.stages.some((stage) => !before.stages.includes(stage)),
    before.omitsManagedFields && !after.omitsManagedFields && hasBodies(after),
  ].includes(true);
  if (isLess) return isMore ? 'mixed' : 'less';
  return isMore ? 'more' : undefined;
}

/** How far the level falls (below 0) or rises. */
export function levelSteps(before: Outcome, after: Outcome): number {
  return rank(after) - rank(before);
}

function hasBodies({ level }: Outcome): boolean {
  return rank({ level }) > 1;
}

function rank({ level }: Pick<Outcome, 'level'>): number {
  return (LEVELS as readonly string[]).indexOf(level);
}
