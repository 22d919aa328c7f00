import { compilePolicy, type Evaluator, type RequestAttributes } from '../evaluate.ts';
import type { AuditPolicy } from '../types.ts';
import { boxesOf, intersect, type Box } from './box.ts';
import { attempt, Budget, shareOf } from './budget.ts';
import type { RequestPattern } from './pattern.ts';
import { findUncovered, type Cover } from './search.ts';
import { universeOf, weightOf, type Universe, type UniverseBounds } from './universe.ts';
import { requestOf } from './witness.ts';

/** A request, and what the policy decides about it. */
export interface Witness {
  request: RequestAttributes;
  /** -1 when no rule matches. */
  rule: number;
  level: string;
}

export type Reach =
  | { state: 'reachable'; witness: Witness }
  /**
   * Every request that the rule matches is decided before it; without any of these rules some would not be (or that could not be
   * decided within the bound).
   */
  | { state: 'unreachable'; coveredBy: readonly number[] }
  /** The rule matches no request at all, whatever stands before it. */
  | { state: 'empty' }
  | { state: 'undecided' };

export interface SpaceOptions extends UniverseBounds {
  /** What `decidedBy` will be asked about. */
  patterns?: readonly RequestPattern[];
  /** Comparisons of boxes for one question, some 2 million a second; with long masks one counts as several. */
  maxPerQuestion?: number;
  /** And for all questions together. */
  maxTotal?: number;
}

const MAX_PER_QUESTION = 200_000;
const MAX_TOTAL = 1_000_000;

/**
 * All requests there can be, as a policy divides them: exact, not by sampling. A request is anything with a user or none, any set
 * of groups, any verb and either a URL or a resource; that some of them never occur (a `list` with a name) is not looked at, so "no
 * request" is certain, and a witness may now and then be one that nobody sends.
 *
 * Rules become unions of boxes (products of sets); what a rule decides is what is left of its own when those of the rules before it
 * are taken away. Where that takes more work than allowed the answer is 'undecided', and never a guess.
 */
export class RequestSpace {
  readonly #evaluate: Evaluator;
  /** Undefined for a policy that is too large to divide. */
  readonly #universe: Universe | undefined;
  readonly #rules: readonly (readonly Box[])[];
  /** In the order of the rules; those before a rule end at `#ends[rule]`. */
  readonly #covers: Cover[] = [];
  readonly #ends: number[] = [];
  readonly #reached = new Map<number, Reach>();
  /** Patterns are few, and asked about for each rule. */
  readonly #asked = new WeakMap<RequestPattern, readonly Box[]>();
  readonly #total: Budget;
  readonly #maxPerQuestion: number;
  /** What one comparison counts. */
  readonly #weight: number;

  constructor(policy: AuditPolicy, options: SpaceOptions = {}) {
    this.#evaluate = compilePolicy(policy);
    const universe = attempt(() => universeOf(policy, options.patterns ?? [], options));
    this.#universe = universe === 'undecided' ? undefined : universe;
    this.#rules = universe === 'undecided' ? [] : (policy.rules ?? []).map((rule) => boxesOf(rule, universe));
    for (const [rule, boxes] of this.#rules.entries()) {
      this.#ends.push(this.#covers.length);
      for (const box of boxes) this.#covers.push({ rule, box });
    }
    this.#maxPerQuestion = options.maxPerQuestion ?? MAX_PER_QUESTION;
    this.#total = new Budget(options.maxTotal ?? MAX_TOTAL);
    this.#weight = this.#universe === undefined ? 1 : weightOf(this.#universe);
  }

  /** Whether any request reaches a rule; if not, which earlier rules take them all. */
  reach(rule: number): Reach {
    const known = this.#reached.get(rule) ?? this.#decideReach(rule);
    this.#reached.set(rule, known);
    return known;
  }

  #decideReach(rule: number): Reach {
    const universe = this.#universe;
    if (universe === undefined) return { state: 'undecided' };
    const boxes = this.#rules[rule] ?? [];
    if (boxes.length === 0) return { state: 'empty' };
    const used = new Set<number>();
    const found = this.#search(boxes, () => this.#before(rule), used);
    if (found === 'undecided') return { state: 'undecided' };
    if (found !== undefined) return { state: 'reachable', witness: this.#witness(found, universe) };
    return { state: 'unreachable', coveredBy: this.#needed(boxes, this.#before(rule), used) };
  }

  /** A request of the pattern that this rule decides (-1: that no rule matches), if there is one. */
  decidedBy(rule: number, pattern: RequestPattern): Witness | undefined | 'undecided' {
    const universe = this.#universe;
    if (universe === undefined || this.#total.isSpent) return 'undecided';
    const asked = this.#boxesOf(pattern, universe);
    const own = this.#rules[rule] ?? [];
    const boxes = rule < 0 ? asked : asked.flatMap((one) => own.flatMap((box) => intersect(one, box) ?? []));
    const found = this.#search(boxes, () => this.#before(rule), new Set());
    return found === undefined || found === 'undecided' ? found : this.#witness(found, universe);
  }

  #boxesOf(pattern: RequestPattern, universe: Universe): readonly Box[] {
    const known = this.#asked.get(pattern) ?? boxesOf(pattern, universe);
    this.#asked.set(pattern, known);
    return known;
  }

  /** What stands before a rule; before no rule all of it does. */
  #before(rule: number): readonly Cover[] {
    return rule < 0 ? this.#covers : this.#covers.slice(0, this.#ends[rule]);
  }

  #witness(box: Box, universe: Universe): Witness {
    const request = requestOf(box, universe);
    const { rule, level } = this.#evaluate(request);
    return { request, rule, level };
  }

  #search(
    boxes: readonly Box[],
    covers: () => readonly Cover[],
    used: Set<number>,
  ): Box | undefined | 'undecided' {
    if (boxes.length === 0) return undefined;
    if (this.#total.isSpent) return 'undecided';
    const budget = shareOf(this.#total, this.#maxPerQuestion, this.#weight);
    return attempt(() => {
      const before = covers();
      for (const box of boxes) {
        const found = findUncovered(box, before, budget, used);
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }

  /** Those of the rules that a proof used without which it does not hold. */
  #needed(boxes: readonly Box[], before: readonly Cover[], used: ReadonlySet<number>): number[] {
    let needed = [...used].sort((a, b) => a - b);
    for (const rule of [...needed].reverse()) {
      const others = new Set(needed.filter((one) => one !== rule));
      const covers = before.filter((cover) => others.has(cover.rule));
      if (this.#search(boxes, () => covers, new Set()) === undefined) needed = [...others];
    }
    return needed;
  }
}
