import { normalizeRule } from '../normalize.ts';
import type { PolicyRule } from '../types.ts';
import { CRITERIA, ruleChanges, valuesOf, type FieldChange } from './fields.ts';

/**
 * What was done to one rule; indices from 0, of the rules before and after. `moved`: the same rule stands elsewhere among those that stay.
 * `changed`: a rule was edited, where it stands or (`isMoved`) on its way to another place.
 */
export type RuleEdit =
  | { kind: 'added'; after: number }
  | { kind: 'removed'; before: number }
  | { kind: 'moved'; before: number; after: number }
  | { kind: 'changed'; before: number; after: number; fields: readonly FieldChange[]; isMoved?: true };

interface Pair {
  before: number;
  after: number;
}

/** Less of their conditions in common, and two rules are not one that was edited: where it stood, and elsewhere. */
const LEAST_LIKENESS = 1 / 3;
const LEAST_LIKENESS_ELSEWHERE = 1 / 2;
/** More pairs are not compared: what is left then is new. */
const MAX_COMPARED = 200_000;

/**
 * The edits that make one list of rules of another, with as few moves as there can be: in the order of the rules after, and what was removed where
 * it stood. Rules are compared by what they say: neither their spelling nor the order of what is in a list counts.
 * Bounded: n log n, and `MAX_COMPARED`.
 */
export function ruleEdits(before: readonly PolicyRule[], after: readonly PolicyRule[]): RuleEdit[] {
  const same = samePairs(before, after);
  const kept = increasing(same);
  const isKept = new Set(kept);
  const moved = same.filter((pair) => !isKept.has(pair));
  const left = without({ before: [...before.keys()], after: [...after.keys()] }, same);
  const work = { left: MAX_COMPARED };
  const inPlace = gapsBetween(kept, left).flatMap((gap) => likePairs(before, after, gap, work));
  const elsewhere = likePairs(before, after, without(left, inPlace), work, true);
  const gone = without(left, [...inPlace, ...elsewhere]);
  const edits: RuleEdit[] = [
    ...gone.before.map((index): RuleEdit => ({ kind: 'removed', before: index })),
    ...gone.after.map((index): RuleEdit => ({ kind: 'added', after: index })),
    ...moved.map((pair): RuleEdit => ({ kind: 'moved', ...pair })),
    ...inPlace.map((pair) => changedEdit(before, after, pair)),
    ...elsewhere.map((pair): RuleEdit => ({ ...changedEdit(before, after, pair), isMoved: true })),
  ];
  return inOrder(edits, [...kept, ...inPlace]);
}

function changedEdit(
  before: readonly PolicyRule[],
  after: readonly PolicyRule[],
  pair: Pair,
): RuleEdit & { kind: 'changed' } {
  const rule = (list: readonly PolicyRule[], index: number): PolicyRule => list[index] ?? { level: '' };
  const fields = ruleChanges(rule(before, pair.before), rule(after, pair.after));
  return { kind: 'changed', ...pair, fields };
}

/** Indices of rules on both sides. */
interface Indices {
  before: readonly number[];
  after: readonly number[];
}

function without({ before, after }: Indices, pairs: readonly Pair[]): Indices {
  const taken = {
    before: new Set(pairs.map((pair) => pair.before)),
    after: new Set(pairs.map((pair) => pair.after)),
  };
  return {
    before: before.filter((index) => !taken.before.has(index)),
    after: after.filter((index) => !taken.after.has(index)),
  };
}

/** Equal rules, the first with the first, the second with the second; in the order of `before`. */
function samePairs(before: readonly PolicyRule[], after: readonly PolicyRule[]): Pair[] {
  const places = new Map<string, number[]>();
  for (const [index, rule] of after.entries()) {
    const key = keyOf(rule);
    const known = places.get(key);
    if (known === undefined) places.set(key, [index]);
    else known.push(index);
  }
  const used = new Map<string, number>();
  return before.flatMap((rule, index) => {
    const key = keyOf(rule);
    const count = used.get(key) ?? 0;
    used.set(key, count + 1);
    const place = places.get(key)?.[count];
    return place === undefined ? [] : [{ before: index, after: place }];
  });
}

function keyOf(rule: PolicyRule): string {
  return JSON.stringify(normalizeRule(rule));
}

/** The most pairs, which are in the order of `before`, that are in the order of `after`, too (a longest increasing subsequence). */
function increasing(pairs: readonly Pair[]): Pair[] {
  /** By length: the pair with the lowest end of those sequences, and what comes before each. */
  const ends: Pair[] = [];
  const previous = new Map<Pair, Pair | undefined>();
  for (const pair of pairs) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.after ?? Infinity) < pair.after) low = middle + 1;
      else high = middle;
    }
    previous.set(pair, ends[low - 1]);
    ends[low] = pair;
  }
  const found: Pair[] = [];
  for (let pair = ends.at(-1); pair !== undefined; pair = previous.get(pair)) found.push(pair);
  return found.reverse();
}

/** What has no equal, by the place among the rules that stay. */
function gapsBetween(kept: readonly Pair[], left: Indices): { before: number[]; after: number[] }[] {
  const gaps = Array.from({ length: kept.length + 1 }, () => ({
    before: [] as number[],
    after: [] as number[],
  }));
  for (const side of ['before', 'after'] as const) {
    let gap = 0;
    for (const index of left[side]) {
      while ((kept[gap]?.[side] ?? Infinity) < index) gap++;
      gaps[gap]?.[side].push(index);
    }
  }
  return gaps;
}

/** Pairs that are one rule, edited: the likest first, and in one place none across another. */
function likePairs(
  before: readonly PolicyRule[],
  after: readonly PolicyRule[],
  gap: Indices,
  work: { left: number },
  isElsewhere = false,
): Pair[] {
  const pairs = gap.before.length * gap.after.length;
  if (pairs > work.left) return [];
  work.left -= pairs;
  const others = gap.after.map((index) => ({ index, conditions: conditionsOf(after[index]) }));
  const candidates = gap.before.flatMap((one, i) => {
    const own = conditionsOf(before[one]);
    return others.map(({ index, conditions }, j) => ({
      before: one,
      after: index,
      likeness: likenessOf(own, conditions),
      distance: Math.abs(i - j),
    }));
  });
  const least = isElsewhere ? LEAST_LIKENESS_ELSEWHERE : LEAST_LIKENESS;
  const found: Pair[] = [];
  for (const { before: one, after: other, likeness } of candidates.sort(
    (a, b) => b.likeness - a.likeness || a.distance - b.distance,
  )) {
    if (likeness < least) break;
    const isFree = found.every((pair) =>
      isElsewhere
        ? pair.before !== one && pair.after !== other
        : (pair.before < one && pair.after < other) || (pair.before > one && pair.after > other),
    );
    if (isFree) found.push({ before: one, after: other });
  }
  return found;
}

/** The share of their conditions that two rules have in common, 0 to 1; the level is none. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((condition) => other.has(condition)).length;
  const all = one.size + other.size - common;
  return all === 0 ? 1 : common / all;
}

function conditionsOf(rule: PolicyRule = { level: '' }): Set<string> {
  return new Set(CRITERIA.flatMap((field) => valuesOf(rule[field]).map((value) => `${field}=${value}`)));
}

/**
 * By the place after; what was removed comes behind the rule that it stood behind.
 * @param anchors rules that stay in this order, edited or not
 */
function inOrder(edits: readonly RuleEdit[], anchors: readonly Pair[]): RuleEdit[] {
  const sorted = [...anchors].sort((a, b) => a.before - b.before);
  let next = 0;
  const placed = edits.map((edit) => {
    if (edit.kind !== 'removed') return { edit, place: edit.after, rank: 0, before: 0 };
    while ((sorted[next]?.before ?? Infinity) < edit.before) next++;
    return { edit, place: sorted[next - 1]?.after ?? -1, rank: 1, before: edit.before };
  });
  return placed
    .sort((a, b) => a.place - b.place || a.rank - b.rank || a.before - b.before)
    .map(({ edit }) => edit);
}
