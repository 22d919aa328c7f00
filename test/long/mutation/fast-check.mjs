import fc from '../../../node_modules/fast-check/lib/fast-check.js';

const seed = Number(process.env.AUDIT_POLICY_MUTATION_SEED ?? 1);
/** Thousands of cases a property, for each of thousands of mutants, would take a day. */
const USUAL_RUNS = 50;
/** For a property that asks for many: one of them counts how many of its cases were of any interest. */
const MOST_RUNS = 600;

/**
 * Stands in for fast-check under mutation: the same few cases for every mutant, or its fate would be chance, and no
 * search for a smaller failing case.
 */
export default {
  ...fc,
  assert: (property, parameters = {}) =>
    fc.assert(property, {
      ...parameters,
      seed,
      numRuns: Math.min(parameters.numRuns ?? USUAL_RUNS, MOST_RUNS),
      endOnFailure: true,
    }),
};
