import { evaluate, type Decision, type RequestAttributes } from '../evaluate.ts';
import { STAGES, type AuditPolicy } from '../types.ts';
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
  return { decision, stages: stagesOf(decision, request), rules };
}

const STREAMED_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'log', 'portforward', 'proxy'];

/** The stages of an event of such a request, those of a request that panics among them; none at level None. */
function stagesOf({ level, omitStages }: Decision, request: RequestAttributes): string[] {
  if (level === 'None') return [];
  return STAGES.filter(
    (stage) => !omitStages.includes(stage) && (stage !== 'ResponseStarted' || isLongRunning(request)),
  );
}

/** kube-apiserver's `BasicLongRunningRequestCheck`: only such a request has a stage ResponseStarted. */
function isLongRunning({ verb, subresource, isResourceRequest, path }: RequestAttributes): boolean {
  if (!isResourceRequest) return path.startsWith('/debug/pprof/');
  return ['watch', 'proxy'].includes(verb) || STREAMED_SUBRESOURCES.includes(subresource);
}
