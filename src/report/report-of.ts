import type { Finding } from '../policy/lint/lint.ts';
import type { Simulation } from '../simulate/result.ts';
import type { About } from './input.ts';
import { renderReport } from './render-report.ts';
import { ruleSources } from './rule-source.ts';

/** A policy as the program has it after reading and linting. */
export interface PolicyText {
  /** The file that it was read from. */
  text: string;
  /** Line of each rule in it, from 1; undefined where the text does not tell. */
  ruleLines: readonly (number | undefined)[];
  findings: readonly Finding[];
  /** Ids of checks of the linter that could not be decided. */
  undecided?: readonly string[];
  /** How many findings comments silence. */
  ignored?: number;
}

/**
 * The page of a simulation, as one HTML text.
 * @param policies as many as the simulation has, in its order
 * @throws RangeError when they are not as many
 */
export function reportOf(simulation: Simulation, policies: readonly PolicyText[], about: About): string {
  if (policies.length !== simulation.policies.length)
    throw new RangeError(
      `${simulation.policies.length} policies were simulated, and ${policies.length} are told of`,
    );
  return renderReport({
    simulation,
    policies: policies.map(({ text, ruleLines, findings, undecided = [], ignored = 0 }) => ({
      findings,
      undecided,
      ignored,
      sources: ruleSources(text, ruleLines),
    })),
    about,
  });
}
