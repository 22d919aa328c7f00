import type { AcceptedPolicy } from '../policy/content.ts';
import { diffPolicies, type PolicyDiff } from '../policy/diff/diff.ts';
import type { CheckedPolicy } from './checked-policy.ts';
import { ruleLine } from './policies.ts';

/** One of two policies that are compared. */
export interface PolicySide {
  /** How texts call it. */
  title: string;
  /** Absent for one that no file has. */
  file?: string;
  accepted: AcceptedPolicy;
  /** The line on which a rule begins, where a file tells. */
  lineOf: (rule: number) => number | undefined;
}

/**
 * - `same`: the same bytes are delivered
 * - `spelling`: it says the same and other bytes are delivered, so that clusters roll
 * - `different`: it says something else
 */
export type Sameness = 'same' | 'spelling' | 'different';

/** Two policies, and what is different. */
export interface Compared {
  before: PolicySide;
  after: PolicySide;
  sameness: Sameness;
  diff: PolicyDiff;
}

export function compare(before: PolicySide, after: PolicySide): Compared {
  const diff = diffPolicies(before.accepted.policy, after.accepted.policy);
  const isSpelling = before.accepted.sha256 !== after.accepted.sha256;
  return { before, after, sameness: diff.isSame ? (isSpelling ? 'spelling' : 'same') : 'different', diff };
}

/** A policy of a file; undefined for a refused one. */
export function sideOfFile(policy: CheckedPolicy): PolicySide | undefined {
  const { accepted, title, source } = policy;
  return accepted && { title, file: source.name, accepted, lineOf: (rule) => ruleLine(policy, rule) };
}
