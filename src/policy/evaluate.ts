import { compileRule } from './evaluate-rule.ts';
import type { AuditPolicy } from './types.ts';

/** What an audit rule can see of a request, as kube-apiserver's authorizer attributes have it. */
export interface RequestAttributes {
  /** The user's name; null when the request has no user, as after a failed authentication. */
  user: string | null;
  groups: readonly string[];
  verb: string;
  /** "" for cluster scope. */
  namespace: string;
  /** "" is the core group. */
  apiGroup: string;
  apiVersion: string;
  resource: string;
  subresource: string;
  /** "" for a request on a collection. */
  name: string;
  path: string;
  /** False for a request to a URL such as /healthz; its resource fields then count for nothing. */
  isResourceRequest: boolean;
}

export interface Decision {
  /** Index of the first rule that matches, -1 when none does. */
  rule: number;
  /** That rule's level; `None` when none matches. */
  level: string;
  /** The union of the policy's and the rule's stages, sorted, each once. */
  omitStages: readonly string[];
  omitManagedFields: boolean;
}

export type Evaluator = (request: RequestAttributes) => Decision;

/** What each rule of a policy decides about the requests that it takes, and what becomes of the others. */
export interface Decisions {
  byRule: readonly Decision[];
  noMatch: Decision;
}

export function decisionsOf(policy: AuditPolicy): Decisions {
  const byRule = (policy.rules ?? []).map((rule, index) => {
    const omitManagedFields = rule.omitManagedFields ?? policy.omitManagedFields ?? false;
    return decision(index, rule.level, [policy.omitStages, rule.omitStages], omitManagedFields);
  });
  const noMatch = decision(-1, 'None', [policy.omitStages], policy.omitManagedFields ?? false);
  return { byRule, noMatch };
}

/**
 * Prepares a policy for many requests. The evaluator decides as `policy/checker.go` of k8s.io/apiserver v0.36: the first
 * rule that matches wins. It is total: a policy that would not pass validation gets an answer too. Decisions are
 * shared and frozen.
 */
export function compilePolicy(policy: AuditPolicy): Evaluator {
  const matchers = (policy.rules ?? []).map(compileRule);
  const { byRule, noMatch } = decisionsOf(policy);
  return (request) => byRule[matchers.findIndex((matches) => matches(request))] ?? noMatch;
}

/** What the policy decides about one request. For many requests use `compilePolicy`. */
export function evaluate(policy: AuditPolicy, request: RequestAttributes): Decision {
  return compilePolicy(policy)(request);
}

function decision(
  rule: number,
  level: string,
  stages: (string[] | undefined)[],
  omitManagedFields: boolean,
): Decision {
  const omitStages = Object.freeze([...new Set(stages.flatMap((list) => list ?? []))].sort());
  return Object.freeze({ rule, level, omitStages, omitManagedFields });
}
