import { decisionsOf, type Decision, type Decisions, type RequestAttributes } from '../evaluate.ts';
import { isLongRunning, LONG_RUNNING } from '../recorded-stages.ts';
import { meetings, type MeetingOptions } from '../requests/meetings.ts';
import type { AuditPolicy } from '../types.ts';
import { CHANGE_KINDS, kindOf, levelSteps, outcomeOf, type ChangeKind, type Outcome } from './outcome.ts';

/** One side of a change: the rule that decides, -1 for none, and what is recorded. */
export interface Side extends Outcome {
  rule: number;
  /** What the rule says; `level` is None where it omits every stage. */
  ruleLevel: string;
}

/** Requests that one rule decided and another decides now, with another outcome; and one of them. */
export interface RequestChange {
  kind: ChangeKind;
  before: Side;
  after: Side;
  request: RequestAttributes;
}

/** All requests whose outcome changes. */
export interface RequestChanges {
  /** One for each pair of rules, the greatest losses first. */
  changes: readonly RequestChange[];
  /** Pairs of rules that the bound on the work left open; without `after`: of that rule before and any after. */
  undecided: readonly { before: number; after?: number }[];
}

/**
 * The requests of which one policy records other things than the other: exactly, with a witness for each pair of rules. No change and
 * nothing undecided means that the policies record the same of every request.
 */
export function requestChanges(
  before: AuditPolicy,
  after: AuditPolicy,
  bound: Pick<MeetingOptions, 'maxPerQuestion' | 'maxTotal'> = {},
): RequestChanges {
  const [old, now] = [decisionsOf(before), decisionsOf(after)];
  const [ofOld, ofNow] = [outcomesOf(old), outcomesOf(now)];
  const { met, undecided } = meetings(before, after, {
    ...bound,
    patterns: LONG_RUNNING,
    // Where requests that stream have the same outcome, so have all others.
    isAsked: (a, b) => at(ofOld, a).long !== at(ofNow, b).long,
    within: (a, b) => (at(ofOld, a).short === at(ofNow, b).short ? LONG_RUNNING : undefined),
  });
  const changes = met.flatMap(({ a, b, request }) => {
    const isLong = isLongRunning(request);
    const [one, other] = [sideOf(decisionAt(old, a), isLong), sideOf(decisionAt(now, b), isLong)];
    const kind = kindOf(one, other);
    return kind === undefined ? [] : [{ kind, before: one, after: other, request }];
  });
  return {
    changes: changes.sort(byLoss),
    undecided: undecided.map(({ a, b }) => ({ before: a, ...(b === undefined ? {} : { after: b }) })),
  };
}

/** The outcome of each decision as a text, for requests that stream and for the others; last, that of no rule. */
interface Outcomes {
  long: string;
  short: string;
}

function outcomesOf({ byRule, noMatch }: Decisions): Outcomes[] {
  return [...byRule, noMatch].map((decision) => ({
    long: JSON.stringify(outcomeOf(decision, true)),
    short: JSON.stringify(outcomeOf(decision, false)),
  }));
}

function at(outcomes: readonly Outcomes[], rule: number): Outcomes {
  return outcomes.at(rule) ?? { long: '', short: '' };
}

function decisionAt({ byRule, noMatch }: Decisions, rule: number): Decision {
  return byRule[rule] ?? noMatch;
}

function sideOf(decision: Decision, isLong: boolean): Side {
  return { rule: decision.rule, ruleLevel: decision.level, ...outcomeOf(decision, isLong) };
}

function byLoss(a: RequestChange, b: RequestChange): number {
  const kinds = CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind);
  const levels = levelSteps(a.before, a.after) - levelSteps(b.before, b.after);
  return kinds || levels || place(a.before) - place(b.before) || place(a.after) - place(b.after);
}

/** What no rule matches comes last. */
function place({ rule }: Side): number {
  return rule < 0 ? Number.MAX_SAFE_INTEGER : rule;
}
