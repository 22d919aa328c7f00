import type { AuditPolicy } from '../types.ts';
import { areDisjoint, boxesOf, intersect, openSides, type Box } from './box.ts';
import { attempt, OutOfBudget, type Spending } from './budget.ts';
import { findUncovered, type Cover } from './search.ts';
import type { Universe } from './universe.ts';

/** A box, and what takes some of it away. */
export interface Part {
  box: Box;
  before: readonly Cover[];
}

/** What one rule of a policy decides (-1: what none matches), as parts that may share requests. */
export interface Region {
  rule: number;
  parts: readonly Part[] | 'undecided';
}

/** The rules of a policy, to be asked what each of them decides. */
export class Regions {
  readonly #rules: readonly { rule: number; boxes: readonly Box[] }[];

  constructor(policy: AuditPolicy, universe: Universe) {
    const rules = policy.rules ?? [];
    this.#rules = deciders(policy).map((rule) => ({ rule, boxes: boxesOf(rules[rule] ?? {}, universe) }));
  }

  get count(): number {
    return this.#rules.length;
  }

  /**
   * What the rules decide of the requests in some boxes, in the order of the rules. Most rules match nothing of a pattern: such a one has
   * no region and takes nothing away. Neither has one all of which plainly is decided before it.
   * @param budgetOf for one rule
   */
  *within(asked: readonly Box[], budgetOf: () => Spending): Generator<Region> {
    const before: Cover[] = [];
    for (const { rule, boxes } of this.#rules) {
      const budget = budgetOf();
      const matched = attempt(() => {
        budget.spend(boxes.length * asked.length);
        return boxes.flatMap((box) => {
          const pieces = partsWithin(box, asked);
          return pieces.length === 0 ? [] : [{ box, pieces }];
        });
      });
      if (matched === 'undecided') {
        yield { rule, parts: matched };
        for (const box of boxes) before.push({ rule, box });
        continue;
      }
      const parts = attempt(() =>
        matched.flatMap(({ pieces }) => pieces.flatMap((box) => partOf(box, before, budget))),
      );
      if (parts.length > 0) yield { rule, parts };
      for (const { box } of matched) before.push({ rule, box });
    }
  }
}

/** None when a single cover takes it. */
function partOf(box: Box, covers: readonly Cover[], budget: Spending): Part[] {
  budget.spend(covers.length);
  const before = covers.filter((cover) => !areDisjoint(box, cover.box));
  return before.some((cover) => openSides(box, cover.box) === 0) ? [] : [{ box, before }];
}

/** Which requests count: those in any of some boxes, and in none of others. */
export interface Window {
  /** Undefined for all requests. */
  any?: readonly Box[] | undefined;
  none: readonly Box[];
}

/** For boxes that are left out by the question. */
const NO_RULE = -1;

/**
 * What is decided by both.
 * @throws OutOfBudget
 */
export function commonParts(one: Region, other: Region, { any, none }: Window, budget: Spending): Part[] {
  const [mine, its] = [one.parts, other.parts];
  if (mine === 'undecided' || its === 'undecided') throw new OutOfBudget();
  const without = none.map((box) => ({ rule: NO_RULE, box }));
  return mine.flatMap((part) => {
    budget.spend(its.length);
    return its.flatMap((another) => {
      const box = intersect(part.box, another.box);
      if (box === undefined) return [];
      const before = [...without, ...another.before, ...part.before];
      return partsWithin(box, any).map((within) => ({ box: within, before }));
    });
  });
}

/**
 * A box all of which is in one of the parts, if there is any.
 * @throws OutOfBudget
 */
export function firstOf(parts: readonly Part[], budget: Spending): Box | undefined {
  for (const { box, before } of parts) {
    const found = findUncovered(box, before, budget, new Set());
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The parts of a box that lie in any of the limits; all of it when there are none. */
export function partsWithin(box: Box, limits: readonly Box[] | undefined): Box[] {
  return limits === undefined ? [box] : limits.flatMap((limit) => intersect(box, limit) ?? []);
}

/** What may decide under a policy: each rule, or none. */
export function deciders({ rules = [] }: AuditPolicy): number[] {
  return [...rules.keys(), -1];
}
