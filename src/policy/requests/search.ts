import { areDisjoint, openSides, subtract, type Box } from './box.ts';

/** A box of a rule, and whose it is. */
export interface Cover {
  rule: number;
  box: Box;
}

/** Thrown when the work allowed is done and nothing is decided: the question is NP-hard, policies are not. */
export class OutOfBudget extends Error {
  override readonly name = 'OutOfBudget';
}

/** The answer of some work, or that there is none within the budget. */
export function attempt<T>(work: () => T): T | 'undecided' {
  try {
    return work();
  } catch (error) {
    if (error instanceof OutOfBudget) return 'undecided';
    throw error;
  }
}

/** Comparisons of two boxes that may still be made; throws OutOfBudget when they are used up. */
export interface Spending {
  spend(comparisons: number): void;
}

/** A fixed number of them. */
export class Budget implements Spending {
  #left: number;

  constructor(comparisons: number) {
    this.#left = comparisons;
  }

  get isSpent(): boolean {
    return this.#left < 0;
  }

  spend(comparisons: number): void {
    this.#left -= comparisons;
    if (this.#left < 0) throw new OutOfBudget();
  }
}

/**
 * For one question of many: as much as `comparisons`, and no more than is left of `total`.
 * @param weight what one comparison counts
 */
export function shareOf(total: Budget, comparisons: number, weight = 1): Spending {
  const own = new Budget(comparisons);
  return {
    spend: (made) => {
      total.spend(made * weight);
      own.spend(made * weight);
    },
  };
}

/**
 * A part of the box that none of the covers takes; undefined when they take all of it, and `used` then has the rules that were needed.
 * Covers that leave the least open come first, so that most questions are decided without trying.
 * @throws OutOfBudget
 */
export function findUncovered(
  box: Box,
  covers: readonly Cover[],
  budget: Spending,
  used: Set<number>,
): Box | undefined {
  budget.spend(covers.length + 1);
  const relevant: Cover[] = [];
  let best: Cover | undefined;
  let fewest = Infinity;
  for (const cover of covers) {
    if (areDisjoint(box, cover.box)) continue;
    const open = openSides(box, cover.box);
    if (open === 0) {
      used.add(cover.rule);
      return undefined;
    }
    relevant.push(cover);
    if (open < fewest) [best, fewest] = [cover, open];
  }
  if (best === undefined) return box;
  const others = relevant.filter((cover) => cover !== best);
  for (const piece of subtract(box, best.box)) {
    const found = findUncovered(piece, others, budget, used);
    if (found !== undefined) return found;
  }
  used.add(best.rule);
  return undefined;
}
