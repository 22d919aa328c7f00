import type { RequestAttributes } from '../evaluate.ts';
import type { AuditPolicy } from '../types.ts';
import { areDisjoint, boxesOf, intersect, type Box } from './box.ts';
import type { RequestPattern } from './pattern.ts';
import { attempt, Budget, findUncovered, shareOf, type Cover, type Spending } from './search.ts';
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

export interface MeetingOptions extends Pick<SpaceOptions, 'maxPerQuestion' | 'maxTotal'> {
  /** All patterns that questions name. */
  patterns?: readonly RequestPattern[];
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

const MAX_PER_QUESTION = 200_000;
/** A few seconds. */
const MAX_TOTAL = 10_000_000;

/**
 * Which rules of two policies decide the same requests, with one request for each pair. Exact in the sense of `RequestSpace`: a pair that
 * is neither met nor undecided has no request at all, and a request that is given is decided so by both evaluators.
 */
export function meetings(
  a: AuditPolicy,
  b: AuditPolicy,
  { isAsked, within, ...options }: MeetingOptions & MeetingQuestion = {},
): Meetings {
  const question = { ...(isAsked ? { isAsked } : {}), ...(within ? { within } : {}) };
  return new MeetingSpace(a, b, options).find(question);
}

/** Two policies of which several things are asked: what they divide is looked at once, and the bound is for all questions together. */
export class MeetingSpace {
  readonly #a: AuditPolicy;
  readonly #total: Budget;
  /** Undefined for policies that are too large to divide. */
  readonly #search: Search | undefined;
  readonly #ofA: readonly Region[];
  readonly #ofB: readonly Region[];

  constructor(a: AuditPolicy, b: AuditPolicy, options: MeetingOptions = {}) {
    const { maxPerQuestion = MAX_PER_QUESTION, maxTotal = MAX_TOTAL, patterns = [] } = options;
    const universe = attempt(() => universeOf(a, [...(b.rules ?? []), ...patterns]));
    const total = new Budget(maxTotal);
    this.#a = a;
    this.#total = total;
    this.#search =
      universe === 'undecided'
        ? undefined
        : new Search(universe, () => shareOf(total, maxPerQuestion, weightOf(universe)));
    this.#ofA = this.#search?.regionsOf(a) ?? [];
    this.#ofB = this.#search?.regionsOf(b) ?? [];
  }

  find({ isAsked = () => true, within = () => undefined }: MeetingQuestion = {}): Meetings {
    const search = this.#search;
    if (search === undefined) return { met: [], undecided: deciders(this.#a).map((rule) => ({ a: rule })) };
    const met: Meeting[] = [];
    const undecided: { a: number; b?: number }[] = [];
    for (const one of this.#ofA) {
      if (one.found === 'nothing') continue;
      // Paid even where nothing is asked: the pairs of two huge policies cannot so much as be counted.
      if (attempt(() => this.#total.spend(this.#ofB.length)) === 'undecided') {
        undecided.push({ a: one.rule });
        continue;
      }
      for (const other of this.#ofB) {
        if (other.found === 'nothing' || !isAsked(one.rule, other.rule)) continue;
        if (this.#total.isSpent) {
          undecided.push({ a: one.rule });
          break;
        }
        const pair = { a: one.rule, b: other.rule };
        const request = search.requestOf(one, other, within(one.rule, other.rule));
        if (request === 'undecided') undecided.push(pair);
        else if (request !== undefined) met.push({ ...pair, request });
      }
    }
    return { met, undecided };
  }
}

/** What one rule of a policy decides: its boxes, each without those of earlier rules. */
interface Region {
  rule: number;
  parts: readonly { box: Box; before: readonly Cover[] }[];
  /** A box that is all in it; `nothing` when no request is. */
  found: Box | 'nothing' | 'undecided';
}

/** For boxes that are left out by the question. */
const NO_RULE = -1;

class Search {
  readonly #universe: Universe;
  readonly #budget: () => Spending;
  readonly #likely: readonly Box[];
  readonly #limits = new WeakMap<readonly RequestPattern[], readonly Box[]>();

  constructor(universe: Universe, budget: () => Spending) {
    this.#universe = universe;
    this.#likely = likelyBoxes(universe);
    this.#budget = budget;
  }

  regionsOf(policy: AuditPolicy): Region[] {
    const rules = policy.rules ?? [];
    const before: Cover[] = [];
    return deciders(policy).map((rule) => {
      const boxes = boxesOf(rules[rule] ?? {}, this.#universe);
      const budget = this.#budget();
      const parts = attempt(() =>
        boxes.map((box) => {
          budget.spend(before.length);
          return { box, before: before.filter((cover) => !areDisjoint(box, cover.box)) };
        }),
      );
      for (const box of boxes) before.push({ rule, box });
      if (parts === 'undecided') return { rule, parts: [], found: parts };
      return { rule, parts, found: this.#firstOf(parts) ?? 'nothing' };
    });
  }

  /** A request that belongs to both, within the limits if there are any; a likely one if it can be. */
  requestOf(
    one: Region,
    other: Region,
    limits: Limits | undefined,
  ): RequestAttributes | undefined | 'undecided' {
    const box = this.#commonOf(one, other, limits);
    return box === undefined || box === 'undecided' ? box : requestOf(box, this.#universe);
  }

  #commonOf(one: Region, other: Region, limits: Limits | undefined): Box | undefined | 'undecided' {
    const any = limits && this.#boxesOf(limits.any);
    const none = this.#boxesOf(limits?.none ?? []);
    const near = bothFound(one, other)
      .flatMap((box) => partsWithin(box, any))
      .find((box) => none.every((without) => areDisjoint(box, without)));
    const isLikely = near !== undefined && partsWithin(near, this.#likely).length > 0;
    const parts = isLikely ? [] : this.#partsOf(one, other, any, none);
    if (parts === 'undecided') return near ?? parts;
    const found = near ?? this.#firstOf(parts);
    if (found === undefined || found === 'undecided') return found;
    const [likely] = partsWithin(found, this.#likely);
    return likely ?? this.#likelyOf(parts) ?? found;
  }

  #partsOf(
    one: Region,
    other: Region,
    any: readonly Box[] | undefined,
    none: readonly Box[],
  ): Region['parts'] | 'undecided' {
    const budget = this.#budget();
    const without = none.map((box) => ({ rule: NO_RULE, box }));
    return attempt(() =>
      one.parts.flatMap((mine) => {
        budget.spend(other.parts.length);
        return other.parts.flatMap((its) => {
          const box = intersect(mine.box, its.box);
          if (box === undefined) return [];
          const before = [...without, ...its.before, ...mine.before];
          return partsWithin(box, any).map((part) => ({ box: part, before }));
        });
      }),
    );
  }

  /** What is found by chance may be a request that hardly anybody sends: then a likelier one, if there is one at hand. */
  #likelyOf(parts: Region['parts']): Box | undefined {
    const found = this.#firstOf(
      parts.flatMap(({ box, before }) =>
        partsWithin(box, this.#likely).map((part) => ({ box: part, before })),
      ),
    );
    return found === 'undecided' ? undefined : found;
  }

  #boxesOf(patterns: readonly RequestPattern[]): readonly Box[] {
    const known =
      this.#limits.get(patterns) ?? patterns.flatMap((pattern) => boxesOf(pattern, this.#universe));
    this.#limits.set(patterns, known);
    return known;
  }

  #firstOf(parts: Region['parts']): Box | undefined | 'undecided' {
    const budget = this.#budget();
    return attempt(() => {
      for (const { box, before } of parts) {
        const found = findUncovered(box, before, budget, new Set());
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }
}

/** Requests of identified users, with a verb that kube-apiserver knows. */
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

/** What is common to the boxes that were found in two regions. */
function bothFound({ found: a }: Region, { found: b }: Region): Box[] {
  if (typeof a === 'string' || typeof b === 'string') return [];
  const common = intersect(a, b);
  return common === undefined ? [] : [common];
}

/** The parts of a box that lie in any of the limits; all of it when there are none. */
function partsWithin(box: Box, limits: readonly Box[] | undefined): Box[] {
  return limits === undefined ? [box] : limits.flatMap((limit) => intersect(box, limit) ?? []);
}

/** What may decide under a policy: each rule, or none. */
function deciders({ rules = [] }: AuditPolicy): number[] {
  return [...rules.keys(), -1];
}
