/**
 * The audit policy as audit.k8s.io/v1 has it, without type meta. Levels and stages are plain strings here:
 * a decoded policy is well-formed, but only `validate` says whether its values are allowed.
 * A list that is null or absent in the source is absent here; field order carries no meaning.
 */
export interface AuditPolicy {
  /** Absent when the source has no rules or `rules: null`; kube-apiserver refuses both, and `[]` too. */
  rules?: PolicyRule[];
  omitStages?: string[];
  omitManagedFields?: boolean;
}

export interface PolicyRule {
  level: string;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: GroupResources[];
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: string[];
  /** Absent inherits the policy's; `false` overrides a policy's `true`. */
  omitManagedFields?: boolean;
}

export interface GroupResources {
  /** Absent or "" is the core group. */
  group?: string;
  resources?: string[];
  resourceNames?: string[];
}

/** In upstream's order, which is also the order of its messages. */
export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

/** In upstream's order, which is also the order of its messages. */
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];
