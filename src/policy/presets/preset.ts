import type { AuditPolicy, PolicyRule } from '../types.ts';

/** A rule, and why it is there: sentences, each line one of the comment above it. */
export interface CommentedRule {
  why: string;
  rule: PolicyRule;
}

/** A policy with its reasons. */
export interface PresetPolicy {
  rules: readonly CommentedRule[];
  omitStages?: readonly string[];
  omitManagedFields?: boolean;
}

/** What a user may set. */
export interface PresetParameters {
  /** API groups whose bodies may be recorded; "" is the core group. */
  knownApis: readonly string[];
  /** User groups, as the API server sees them. */
  groups: readonly string[];
}

export type ParameterName = keyof PresetParameters;

/** A policy to start from. */
export interface Preset {
  name: string;
  /** One line. */
  summary: string;
  forWhom: string;
  records: readonly string[];
  /** What it does not record, and what it costs. */
  leavesOut: readonly string[];
  /** The lint profile under which it has no finding. */
  profile: 'baseline' | 'cis' | 'allow-list';
  parameters: readonly ParameterName[];
  build(parameters: PresetParameters): PresetPolicy;
}

/** The policy itself, without its reasons. */
export function policyOf({ rules, omitStages, omitManagedFields }: PresetPolicy): AuditPolicy {
  return {
    rules: rules.map(({ rule }) => rule),
    ...(omitStages === undefined ? {} : { omitStages: [...omitStages] }),
    ...(omitManagedFields === undefined ? {} : { omitManagedFields }),
  };
}
