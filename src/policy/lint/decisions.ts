import type { RequestPattern } from '../requests/pattern.ts';
import type { Witness } from '../requests/space.ts';
import type { LintContext } from './rule.ts';

/** A rule (-1: none matches) that decides requests of a pattern as it should not, and one of them. */
export interface WrongDecision {
  rule: number;
  witness: Witness;
}

/** The rules that decide any request of the patterns at a level that is wrong, with one request each. */
export function wrongDecisions(
  context: LintContext,
  patterns: readonly RequestPattern[],
  isWrong: (level: string) => boolean,
): WrongDecision[] {
  const indices = [...context.rules.keys(), -1];
  return indices
    .filter((rule) => isWrong(context.rules[rule]?.level ?? 'None'))
    .flatMap((rule) => {
      for (const pattern of patterns) {
        const witness = witnessOf(context, rule, pattern);
        if (witness !== undefined) return [{ rule, witness }];
      }
      return [];
    });
}

/** A request of the pattern that the rule decides; what cannot be decided is told to the context, and is none. */
export function witnessOf(context: LintContext, rule: number, pattern: RequestPattern): Witness | undefined {
  const witness = context.space.decidedBy(rule, pattern);
  if (witness !== 'undecided') return witness;
  context.undecided();
  return undefined;
}

/** More rules are not compared one with another: that would take the square of their number. */
const MAX_COMPARED = 500;

/** Whether there are too many rules to compare; if so, the context knows. */
export function areTooMany(context: LintContext): boolean {
  if (context.rules.length <= MAX_COMPARED) return false;
  context.undecided();
  return true;
}

/** Where a decision stands: the level of the rule, or the rules as a whole when none matches. */
export function placeOf({ rule }: { rule: number }): readonly (string | number)[] {
  return rule < 0 ? ['rules'] : ['rules', rule, 'level'];
}

/** `rules[3] records at None`, `no rule matches, so the level is None`. */
export function deciderOf({ rule, witness }: WrongDecision): string {
  return rule < 0 ? 'no rule matches, so the level is None' : `rules[${rule}] has level ${witness.level}`;
}
