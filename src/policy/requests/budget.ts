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
