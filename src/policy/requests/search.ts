import { areDisjoint, openSides, subtract, type Box } from './box.ts';
import type { Spending } from './budget.ts';

/** A box of a rule, and whose it is. */
export interface Cover {
  rule: number;
  box: Box;
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
