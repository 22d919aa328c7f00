import type { Decision } from '../evaluate.ts';
import { stagesOf } from '../recorded-stages.ts';
import { LEVELS } from '../types.ts';

/** What is recorded of a request; the same for all that one rule decides and that stream, or do not. */
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

/** @param isLong whether it is of a request that streams, which has a stage more */
export function outcomeOf(decision: Decision, isLong: boolean): Outcome {
  const stages = stagesOf(decision, isLong);
  const level = stages.length === 0 ? 'None' : decision.level;
  const hasBodies = level !== 'None' && level !== 'Metadata';
  return { level, stages, omitsManagedFields: hasBodies && decision.omitManagedFields };
}

/** The kind of a change; undefined when there is none. */
export function kindOf(before: Outcome, after: Outcome): ChangeKind | undefined {
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
