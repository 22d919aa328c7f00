import type { Comparison, PolicyResult, RuleResult } from './result.ts';

/** How far a figure can be relied on: the sign before it, on a terminal and on the page. */
export type Mark = '' | '≈ ' | '≥ ';

/** `unreachable` says nothing about the log, and what is missing in `stages` was estimated. */
const MISSING: ReadonlySet<string> = new Set(['unrecorded', 'bodies', 'managed-fields', 'recorder']);

/** There may be more requests than the log has. */
export function hasUnseenRequests({ unknown }: RuleResult): boolean {
  return unknown.some(({ reason }) => reason === 'unrecorded' || reason === 'recorder');
}

/** The policy writes requests that the log does not have. */
export function writesUnseen({ rules }: PolicyResult): boolean {
  return rules.some((rule) => rule.level !== 'None' && hasUnseenRequests(rule));
}

/** Whether the log tells how any request ended: by that they are compared. */
export function tellsEnds({ rules }: PolicyResult): boolean {
  return rules.some(({ requests }) => requests > 0);
}

/** The signs of a comparison's counts: a request that is not in the log cannot be counted as lost or gained. */
export function comparisonMarks(
  policies: readonly PolicyResult[],
  { from, to }: Comparison,
): Readonly<Record<'lost' | 'gained' | 'bodies', Mark>> {
  const [before = false, after = false] = [policies[from], policies[to]].map(
    (one) => one && writesUnseen(one),
  );
  return {
    lost: markOf(before, false),
    gained: markOf(after, false),
    bodies: markOf(before && after, false),
  };
}

/** The rule would write more than is told. A rule with level None never does. */
export function isLowerBound({ level, unknown }: RuleResult): boolean {
  return level !== 'None' && unknown.some(({ reason }) => MISSING.has(reason));
}

export function isPolicyLowerBound({ rules }: PolicyResult): boolean {
  return rules.some(isLowerBound);
}

/** Bytes that are certain, and those by estimate. */
export function totalBytes({ written, estimated }: Pick<RuleResult, 'written' | 'estimated'>): number {
  return written.bytes + estimated.bytes;
}

export function totalEvents({ written, estimated }: Pick<RuleResult, 'written' | 'estimated'>): number {
  return written.events + estimated.events;
}

export function markOf(isLeast: boolean, isEstimated: boolean): Mark {
  if (isLeast) return '≥ ';
  return isEstimated ? '≈ ' : '';
}

/** Of what a rule writes of the log. */
export function ruleMark(rule: RuleResult): Mark {
  return markOf(isLowerBound(rule), rule.estimated.bytes > 0 || rule.estimated.events > 0);
}

/** Of how many events a rule writes of the log: bodies that are missing change nothing of it. */
export function eventsMark(rule: RuleResult): Mark {
  return markOf(rule.level !== 'None' && hasUnseenRequests(rule), rule.estimated.events > 0);
}

/** Of what a policy writes of the log. */
export function policyMark(policy: PolicyResult): Mark {
  return markOf(isPolicyLowerBound(policy), policy.estimated.bytes > 0 || policy.estimated.events > 0);
}
