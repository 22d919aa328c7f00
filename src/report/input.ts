import type { Finding } from '../policy/lint/lint.ts';
import type { Simulation } from '../simulate/result.ts';

/** What a page tells, as plain data. */
export interface ReportInput {
  simulation: Simulation;
  /** As many as the simulation has, in its order. */
  policies: readonly ReportPolicy[];
  about: About;
}

/** Who made the page, and when. */
export interface About {
  /** `audit-policy-operator 0.1.0` */
  program: string;
  /** In milliseconds since 1970. */
  atMs: number;
}

/** What the page says of a policy beyond its figures. */
export interface ReportPolicy {
  findings: readonly Finding[];
  /** Ids of checks of the linter that could not be decided. */
  undecided: readonly string[];
  /** Findings that a comment silences. */
  ignored: number;
  /** By the rule's index: its lines in the file; empty where they are not known. */
  sources: readonly (readonly string[])[];
}
