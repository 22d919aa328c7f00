import { decisionsOf, type Decision, type RequestAttributes } from '../evaluate.ts';
import { LONG_RUNNING, REQUEST_KINDS, kindOfRequest, type RequestKind } from '../recorded-stages.ts';
import {
  PolicyPair,
  type Limits,
  type Meeting,
  type PairOptions,
  type MeetingQuestion,
} from '../requests/pair.ts';
import type { AuditPolicy } from '../types.ts';
import { CHANGE_KINDS, changeOf, levelSteps, outcomeOf, type ChangeKind, type Outcome } from './outcome.ts';

/** One side of a change: the rule that decides, -1 for none, and what is recorded. */
export interface Side extends Outcome {
  rule: number;
  /** What the rule says; `level` is None where it omits every stage, and Metadata where Request finds no body (a failed login). */
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
  /** One for each pair of rules and kind of change, the greatest losses first. */
  changes: readonly RequestChange[];
  /** Pairs of rules that the bound on the work left open; without `after`: of that rule before and any after. */
  undecided: readonly { before: number; after?: number }[];
}

const IDENTIFIED = [{ isIdentified: true }];
const LONG = LONG_RUNNING.map((pattern) => ({ ...pattern, isIdentified: true }));
const NOBODY = [{ isOfNobody: true }];
/** Of a user, whatever it does; of a user and short; of a user and long; of nobody. */
const ANY_USER: Limits = { any: IDENTIFIED };
const WITHIN: Readonly<Record<RequestKind, Limits>> = {
  plain: { any: IDENTIFIED, none: LONG_RUNNING },
  long: { any: LONG },
  nobody: { any: NOBODY },
};

/**
 * The requests of which one policy records other things than the other: exactly, with a witness for each pair of rules and kind of change.
 * A request is one of a user in `system:authenticated` or `system:unauthenticated`, or one of nobody, as kube-apiserver sees to. No
 * change and nothing undecided means that the policies record the same of every request.
 */
export function requestChanges(
  before: AuditPolicy,
  after: AuditPolicy,
  bound: Pick<PairOptions, 'maxPerQuestion' | 'maxTotal'> = {},
): RequestChanges {
  const [old, now] = [sidesOf(before), sidesOf(after)];
  const pair = new PolicyPair(before, after, { ...bound, patterns: [...IDENTIFIED, ...LONG, ...NOBODY] });
  const change = memoized(old, now);
  const questions: MeetingQuestion[] = [
    // Most pairs of rules change the same way whatever the user does, and are looked for once.
    {
      isAsked: (a, b) => change(a, b, 'plain') !== undefined,
      within: (a, b) => (change(a, b, 'plain') === change(a, b, 'long') ? ANY_USER : WITHIN.plain),
    },
    {
      isAsked: (a, b) => ![undefined, change(a, b, 'plain')].includes(change(a, b, 'long')),
      within: () => WITHIN.long,
    },
    { isAsked: (a, b) => change(a, b, 'nobody') !== undefined, within: () => WITHIN.nobody },
  ];
  const found = questions.map((question) => pair.meetings(question));
  const changes = new Map<string, RequestChange>();
  for (const meeting of found.flatMap(({ met }) => met)) {
    const one = changeAt(meeting, old, now);
    const key = `${meeting.a} ${meeting.b} ${one?.kind ?? ''}`;
    if (one !== undefined && !changes.has(key)) changes.set(key, one);
  }
  return {
    changes: [...changes.values()].sort(byLoss),
    undecided: distinct(found.flatMap(({ undecided }) => undecided)).map(({ a, b }) => ({
      before: a,
      ...(b === undefined ? {} : { after: b }),
    })),
  };
}

/** By rule, what it records of requests of each kind; last, what is recorded when none matches. */
type Sides = readonly Readonly<Record<RequestKind, Side>>[];

function sidesOf(policy: AuditPolicy): Sides {
  const { byRule, noMatch } = decisionsOf(policy);
  return [...byRule, noMatch].map((decision) => ({
    plain: sideOf(decision, 'plain'),
    long: sideOf(decision, 'long'),
    nobody: sideOf(decision, 'nobody'),
  }));
}

function sideOf(decision: Decision, kind: RequestKind): Side {
  return { rule: decision.rule, ruleLevel: decision.level, ...outcomeOf(decision, kind) };
}

/** The change of a pair of rules for a kind of request; rules that record the same are one, and there are few others. */
function memoized(old: Sides, now: Sides) {
  const known = new Map<string, ChangeKind | undefined>();
  const [keysOfOld, keysOfNow] = [old, now].map((sides) =>
    sides.map((side) => Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, keyOf(side[kind])]))),
  );
  return (a: number, b: number, kind: RequestKind): ChangeKind | undefined => {
    const key = `${keysOfOld?.at(a)?.[kind] ?? ''} ${keysOfNow?.at(b)?.[kind] ?? ''}`;
    if (!known.has(key)) {
      const [one, other] = [old.at(a)?.[kind], now.at(b)?.[kind]];
      known.set(key, one && other && changeOf(one, other));
    }
    return known.get(key);
  };
}

function keyOf({ level, stages, omitsManagedFields }: Outcome): string {
  return `${level} ${stages.join()} ${omitsManagedFields}`;
}

function changeAt({ a, b, request }: Meeting, old: Sides, now: Sides): RequestChange | undefined {
  const of = kindOfRequest(request);
  const [before, after] = [old.at(a)?.[of], now.at(b)?.[of]];
  const kind = before && after && changeOf(before, after);
  return kind && { kind, before, after, request };
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
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
