import { evaluate, type Decision, type RequestAttributes } from '../evaluate.ts';
import { kindOfRequest, stagesOf } from '../recorded-stages.ts';
import type { AuditPolicy } from '../types.ts';
import { firstMismatch, type Mismatch } from './criteria.ts';

/** What one rule says to a request. */
export interface RuleVerdict {
  /** From 0. */
  rule: number;
  level: string;
  /** `decides`: the first that matches. `late`: matches, but an earlier rule decides. */
  verdict: 'decides' | 'late' | 'no';
  mismatch?: Mismatch;
}

/** Why a policy decides about a request as it does. */
export interface Explanation {
  decision: Decision;
  /** The stages at which an event is written; empty when none is. */
  stages: readonly string[];
  rules: readonly RuleVerdict[];
}

/** Which rule decides about a request, and why the others do not. */
export function explain(policy: AuditPolicy, request: RequestAttributes): Explanation {
  const decision = evaluate(policy, request);
  const rules = (policy.rules ?? []).map((rule, index): RuleVerdict => {
    const mismatch = firstMismatch(rule, request);
    if (mismatch !== undefined) return { rule: index, level: rule.level, verdict: 'no', mismatch };
    return { rule: index, level: rule.level, verdict: index === decision.rule ? 'decides' : 'late' };
  });
  return { decision, stages: stagesOf(decision, kindOfRequest(request)), rules };
}
