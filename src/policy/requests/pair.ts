import type { RequestAttributes } from '../evaluate.ts';
import type { AuditPolicy } from '../types.ts';
import { areDisjoint, boxesOf, intersect, type Box } from './box.ts';
import { attempt, Budget, shareOf, type Spending } from './budget.ts';
import type { RequestPattern } from './pattern.ts';
import {
  commonParts,
  deciders,
  firstOf,
  partsWithin,
  Regions,
  type Part,
  type Region,
  type Window,
} from './regions.ts';
import type { SpaceOptions } from './space.ts';
import { universeOf, weightOf, type Universe } from './universe.ts';
import { COMMON_VERBS, requestOf } from './witness.ts';

/** A request that one policy decides by its rule `a` and another by its rule `b`; -1 when no rule matches. */
export interface Meeting {
  a: number;
  b: number;
  request: RequestAttributes;
}

/** Where two policies meet, as far as it was asked. */
export interface Meetings {
  /** One for each pair of rules that some request meets, in the order of `a`, then of `b`; what no rule matches comes last. */
  met: readonly Meeting[];
  /** Pairs that the bound on the work left open; without `b`: all pairs of that `a` that are asked about and not in `met`. */
  undecided: readonly { a: number; b?: number }[];
}

/** What is asked about two policies. */
export interface MeetingQuestion {
  /** Which pairs of rules are of interest; default: all. */
  isAsked?: (a: number, b: number) => boolean;
  /** Which requests count for a pair; undefined, and the default: all of them. */
  within?: (a: number, b: number) => Limits | undefined;
}

/** Requests of any of some patterns, and of none of others. */
export interface Limits {
  any: readonly RequestPattern[];
  none?: readonly RequestPattern[];
}

/** `patterns`: all that questions name. */
export type PairOptions = Pick<SpaceOptions, 'patterns' | 'maxPerQuestion' | 'maxTotal'>;

const MAX_PER_QUESTION = 200_000;
/** A few seconds. */
const MAX_TOTAL = 10_000_000;

/**
 * All requests there can be, as two policies divide them: what the one decides so and the other otherwise. What they divide is looked at
 * once, and the bound is for all questions together. Exact in the sense of `RequestSpace`: where the answer is that there is no such
 * request, there is none at all, and a request that is given is decided so by both evaluators.
 */
export class PolicyPair {
  readonly #a: AuditPolicy;
  readonly #total: Budget;
  /** Undefined for policies that are too large to divide. */
  readonly #divided: Divided | undefined;
  /** What one question may cost. */
  readonly #budget: () => Spending;
  readonly #boxes = new WeakMap<readonly RequestPattern[], readonly Box[]>();
  /** Of all requests; looked at when it is asked about. */
  #whole: { a: readonly Found[]; b: readonly Found[] } | undefined;

  constructor(a: AuditPolicy, b: AuditPolicy, options: PairOptions = {}) {
    const { maxPerQuestion = MAX_PER_QUESTION, maxTotal = MAX_TOTAL, patterns = [] } = options;
    const universe = attempt(() => universeOf(a, [...(b.rules ?? []), ...patterns]));
    const weight = universe === 'undecided' ? 1 : weightOf(universe);
    const total = new Budget(maxTotal);
    this.#a = a;
    this.#total = total;
    this.#budget = () => shareOf(total, maxPerQuestion, weight);
    this.#divided = universe === 'undecided' ? undefined : divide(a, b, universe);
  }

  /**
   * Which rules of the two decide the same requests, with one request for each pair, a likely one if it can be. Each pair is a question
   * of its own to the bound.
   */
  meetings({ isAsked = () => true, within = () => undefined }: MeetingQuestion = {}): Meetings {
    const divided = this.#divided;
    if (divided === undefined) return { met: [], undecided: deciders(this.#a).map((rule) => ({ a: rule })) };
    this.#whole ??= { a: this.#found(divided, divided.a), b: this.#found(divided, divided.b) };
    const met: Meeting[] = [];
    const undecided: { a: number; b?: number }[] = [];
    for (const one of this.#whole.a) {
      // Paid even where nothing is asked: the pairs of two huge policies cannot so much as be counted.
      if (attempt(() => this.#total.spend(divided.b.count)) === 'undecided') {
        undecided.push({ a: one.rule });
        continue;
      }
      for (const other of this.#whole.b) {
        if (!isAsked(one.rule, other.rule)) continue;
        if (this.#total.isSpent) {
          undecided.push({ a: one.rule });
          break;
        }
        const pair = { a: one.rule, b: other.rule };
        const box = this.#commonOf(divided, one, other, within(one.rule, other.rule));
        if (box === 'undecided') undecided.push(pair);
        else if (box !== undefined) met.push({ ...pair, request: requestOf(box, divided.universe) });
      }
    }
    return { met, undecided };
  }

  /**
   * The first request of a pattern, if there is one, that the two decide by rules that are wanted together. All of it is one question to
   * the bound: made for many patterns, each of which most rules do not match.
   */
  find(
    pattern: RequestPattern,
    isWanted: (a: number, b: number) => boolean,
  ): Meeting | undefined | 'undecided' {
    const divided = this.#divided;
    if (divided === undefined || this.#total.isSpent) return 'undecided';
    const asked = boxesOf(pattern, divided.universe);
    const budget = this.#budget();
    return attempt(() => {
      const others = [...divided.b.within(asked, () => budget)];
      for (const one of divided.a.within(asked, () => budget)) {
        for (const other of others) {
          if (!isWanted(one.rule, other.rule)) continue;
          const box = firstOf(commonParts(one, other, { none: [] }, budget), budget);
          if (box !== undefined)
            return { a: one.rule, b: other.rule, request: requestOf(box, divided.universe) };
        }
      }
      return undefined;
    });
  }

  /** The regions that have a request, as far as that is decided. */
  #found({ every }: Divided, regions: Regions): Found[] {
    const found: Found[] = [];
    for (const region of regions.within(every, this.#budget)) {
      const box = region.parts === 'undecided' ? region.parts : this.#firstOf(region.parts);
      if (box !== undefined) found.push({ ...region, box });
    }
    return found;
  }

  #firstOf(parts: readonly Part[]): Box | undefined | 'undecided' {
    return attempt(() => firstOf(parts, this.#budget()));
  }

  #commonOf(
    { likely, universe }: Divided,
    one: Found,
    other: Found,
    limits: Limits | undefined,
  ): Box | undefined | 'undecided' {
    const window = {
      any: limits && this.#boxesOf(limits.any, universe),
      none: limits?.none === undefined ? [] : this.#boxesOf(limits.none, universe),
    };
    const near = nearOf(one, other, window);
    const isLikely = near !== undefined && partsWithin(near, likely).length > 0;
    const parts = isLikely ? [] : attempt(() => commonParts(one, other, window, this.#budget()));
    if (parts === 'undecided') return near ?? parts;
    const found = near ?? this.#firstOf(parts);
    if (found === undefined || found === 'undecided') return found;
    const [first] = partsWithin(found, likely);
    return first ?? this.#likelyOf(parts, likely) ?? found;
  }

  /** What is found by chance may be a request that hardly anybody sends: then a likelier one, if there is one at hand. */
  #likelyOf(parts: readonly Part[], likely: readonly Box[]): Box | undefined {
    const found = this.#firstOf(
      parts.flatMap(({ box, before }) => partsWithin(box, likely).map((part) => ({ box: part, before }))),
    );
    return found === 'undecided' ? undefined : found;
  }

  #boxesOf(patterns: readonly RequestPattern[], universe: Universe): readonly Box[] {
    const known = this.#boxes.get(patterns) ?? patterns.flatMap((pattern) => boxesOf(pattern, universe));
    this.#boxes.set(patterns, known);
    return known;
  }
}

/** Two policies, and what their rules are boxes of. */
interface Divided {
  universe: Universe;
  a: Regions;
  b: Regions;
  every: readonly Box[];
  /** Requests of identified users, with a verb that kube-apiserver knows. */
  likely: readonly Box[];
}

function divide(a: AuditPolicy, b: AuditPolicy, universe: Universe): Divided {
  return {
    universe,
    a: new Regions(a, universe),
    b: new Regions(b, universe),
    every: boxesOf({}, universe),
    likely: likelyBoxes(universe),
  };
}

function likelyBoxes(universe: Universe): Box[] {
  const { verbs } = universe;
  const common = verbs.representatives
    .filter((verb) => COMMON_VERBS.includes(verb))
    .reduce((mask, verb) => mask | verbs.bitOf(verb), 0n);
  return boxesOf({ isIdentified: true }, universe).map((box) => ({
    ...box,
    sides: box.sides.with(1, common),
  }));
}

/** A region, and a box that is all in it. */
interface Found extends Region {
  box: Box | 'undecided';
}

/** What is common to the boxes that were found in two regions, if anything is. */
function nearOf({ box: a }: Found, { box: b }: Found, { any, none }: Window): Box | undefined {
  if (a === 'undecided' || b === 'undecided') return undefined;
  const common = intersect(a, b);
  if (common === undefined) return undefined;
  return partsWithin(common, any).find((box) => none.every((without) => areDisjoint(box, without)));
}
