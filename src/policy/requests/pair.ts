import { compilePolicy, type Evaluator, type RequestAttributes } from '../evaluate.ts';
import type { AuditPolicy } from '../types.ts';
import { areDisjoint, boxesOf, intersect, openSides, type Box } from './box.ts';
import type { RequestPattern } from './pattern.ts';
import { attempt, Budget, findUncovered, type Cover, type Spending } from './search.ts';
import { universeOf, type Universe } from './universe.ts';
import { requestOf } from './witness.ts';

/** A request, and what each of two policies decides about it; a rule is -1 when none matches. */
export interface PairWitness {
  request: RequestAttributes;
  before: { rule: number; level: string };
  after: { rule: number; level: string };
}

/** Comparisons of boxes, some 2 million a second: for one question, and for all of them. */
const MAX_PER_QUESTION = 1_000_000;
const MAX_TOTAL = 5_000_000;

/** All requests there can be, as two policies divide them: `RequestSpace` for what one decides and the other decides otherwise. */
export class PolicyPair {
  /** Undefined for policies that are too large to divide. */
  readonly #universe: Universe | undefined;
  readonly #before: Side;
  readonly #after: Side;
  readonly #total = new Budget(MAX_TOTAL);

  /** `patterns`: what `find` will be asked about. */
  constructor(before: AuditPolicy, after: AuditPolicy, patterns: readonly RequestPattern[]) {
    const rules = [...(before.rules ?? []), ...(after.rules ?? [])];
    const universe = attempt(() => universeOf({ rules }, patterns));
    this.#universe = universe === 'undecided' ? undefined : universe;
    this.#before = new Side(before, this.#universe);
    this.#after = new Side(after, this.#universe);
  }

  /**
   * A request of the pattern, if there is one, that each policy decides by a rule (-1: that no rule matches) such that the two are
   * wanted together.
   */
  find(
    pattern: RequestPattern,
    isWanted: (before: number, after: number) => boolean,
  ): PairWitness | undefined | 'undecided' {
    const universe = this.#universe;
    if (universe === undefined || this.#total.isSpent) return 'undecided';
    const own = new Budget(MAX_PER_QUESTION);
    const budget = {
      spend: (comparisons: number) => {
        this.#total.spend(comparisons);
        own.spend(comparisons);
      },
    };
    const found = attempt(() => this.#search(boxesOf(pattern, universe), isWanted, budget));
    if (found === undefined || found === 'undecided') return found;
    const request = requestOf(found, universe);
    return { request, before: this.#before.decide(request), after: this.#after.decide(request) };
  }

  /** Most rules match nothing of a pattern: those are left out before pairs are made. */
  #search(
    asked: readonly Box[],
    isWanted: (before: number, after: number) => boolean,
    budget: Spending,
  ): Box | undefined {
    const firsts = this.#before.partsOf(asked, budget);
    const seconds = this.#after.partsOf(asked, budget);
    for (const first of firsts) {
      for (const second of seconds) {
        if (!isWanted(first.rule, second.rule)) continue;
        budget.spend(first.boxes.length * second.boxes.length);
        const boxes = common(first.boxes, second.boxes);
        if (boxes.length === 0) continue;
        const found = firstUncovered(boxes, [...first.covers, ...second.covers], budget);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** What one rule of a policy matches of a pattern, and what the rules before it take away. */
interface Part {
  rule: number;
  boxes: readonly Box[];
  covers: readonly Cover[];
}

/** One of the two. */
class Side {
  readonly decide: Evaluator;
  readonly #rules: readonly (readonly Box[])[];

  constructor(policy: AuditPolicy, universe: Universe | undefined) {
    this.decide = compilePolicy(policy);
    this.#rules = universe === undefined ? [] : (policy.rules ?? []).map((rule) => boxesOf(rule, universe));
  }

  /** The rules that match any request of the boxes and are not plainly covered; -1 for those which no rule matches. */
  partsOf(asked: readonly Box[], budget: Spending): Part[] {
    const parts: Part[] = [];
    let covers: readonly Cover[] = [];
    const add = (rule: number, boxes: readonly Box[]): void => {
      budget.spend(boxes.length * covers.length);
      const left = boxes.filter((box) => !covers.some((cover) => isWithin(box, cover.box)));
      if (left.length > 0) parts.push({ rule, boxes: left, covers });
    };
    for (const [rule, own] of this.#rules.entries()) {
      budget.spend(asked.length * own.length);
      const boxes = common(asked, own);
      if (boxes.length === 0) continue;
      add(rule, boxes);
      covers = [...covers, ...own.map((box) => ({ rule, box }))];
    }
    add(-1, asked);
    return parts;
  }
}

function common(some: readonly Box[], others: readonly Box[]): Box[] {
  return some.flatMap((one) => others.flatMap((other) => intersect(one, other) ?? []));
}

function isWithin(a: Box, b: Box): boolean {
  return !areDisjoint(a, b) && openSides(a, b) === 0;
}

function firstUncovered(boxes: readonly Box[], covers: readonly Cover[], budget: Spending): Box | undefined {
  for (const box of boxes) {
    const found = findUncovered(box, covers, budget, new Set());
    if (found !== undefined) return found;
  }
  return undefined;
}
