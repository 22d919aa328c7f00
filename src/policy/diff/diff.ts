import { fingerprint } from '../fingerprint.ts';
import type { AuditPolicy } from '../types.ts';
import { requestChanges, type RequestChanges } from './changes.ts';
import { policyChanges, type FieldChange } from './fields.ts';
import { ruleEdits, type RuleEdit } from './rules.ts';

/** What is different between two policies. */
export interface PolicyDiff {
  /** They say the same: at most their spelling differs. Then all else is empty. */
  isSame: boolean;
  /** Beside the rules. */
  fields: readonly FieldChange[];
  rules: readonly RuleEdit[];
  requests: RequestChanges;
}

const NOTHING: PolicyDiff = {
  isSame: true,
  fields: [],
  rules: [],
  requests: { changes: [], undecided: [] },
};

/** Compares two policies: what was edited, and which requests are recorded otherwise. Never throws, and its work is bounded. */
export function diffPolicies(before: AuditPolicy, after: AuditPolicy): PolicyDiff {
  if (fingerprint(before) === fingerprint(after)) return NOTHING;
  return {
    isSame: false,
    fields: policyChanges(before, after),
    rules: ruleEdits(before.rules ?? [], after.rules ?? []),
    requests: requestChanges(before, after),
  };
}
