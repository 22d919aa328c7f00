import { saysTheSame, transition, type Condition, type ConditionContent } from '../api/condition.ts';
import { problemText } from '../policy/problem.ts';
import type { ClusterAuditPolicy, ClusterAuditPolicyStatus } from './observed/audit-policy.ts';
import { firstFew } from './report.ts';
import type { PlannedEvent } from './types.ts';

/** Conditions of other writers are none of ours. */
const OWNED: ReadonlySet<string> = new Set(['Ready', 'Stalled']);

export interface PolicyStatusPlan {
  /** The status to put, whole; absent when it stands so already. */
  status?: ClusterAuditPolicyStatus;
  events: readonly PlannedEvent[];
}

/**
 * The status of a policy, as kstatus reads it: `Ready` always; `Stalled` only while a refused policy waits for its
 * author. The last good hash goes with the content that it belongs to, so a refused policy has none.
 */
export function planPolicyStatus(policy: ClusterAuditPolicy, nowMs: number): PolicyStatusPlan {
  const { accepted, problems } = policy.content;
  const errors = problems.filter(({ severity }) => severity === 'error').map(problemText);
  const warnings = problems.filter(({ severity }) => severity === 'warning').map(problemText);
  const wanted = accepted
    ? [
        condition(
          policy,
          'Ready',
          'True',
          'Accepted',
          acceptedMessage(accepted.rules, accepted.hash, warnings),
        ),
      ]
    : [
        condition(policy, 'Ready', 'False', 'Refused', firstFew(errors)),
        condition(policy, 'Stalled', 'True', 'Refused', 'Delivered nowhere until the policy is changed.'),
      ];
  const digests = accepted ? { hash: accepted.hash, sha256: accepted.sha256, rules: accepted.rules } : {};
  const before = policy.status;
  const same =
    before.observedGeneration === policy.generation &&
    before.hash === accepted?.hash &&
    before.sha256 === accepted?.sha256 &&
    before.rules === accepted?.rules &&
    before.conditions.filter(({ type }) => OWNED.has(type)).length === wanted.length &&
    wanted.every((next) => {
      const found = find(before.conditions, next.type);
      return found !== undefined && saysTheSame(found, next);
    });
  if (same) return { events: [] };
  const conditions = wanted.map((next) => transition(find(before.conditions, next.type), next, nowMs));
  const wasRefusedSo = before.conditions.some(
    ({ type, message }) => type === 'Ready' && message === wanted[0]?.message,
  );
  return {
    status: { observedGeneration: policy.generation, ...digests, conditions },
    events: accepted || wasRefusedSo ? [] : [{ reason: 'PolicyRefused', message: firstFew(errors) }],
  };
}

function acceptedMessage(rules: number, hash: string, warnings: readonly string[]): string {
  const summary = `${rules} ${rules === 1 ? 'rule' : 'rules'}, hash ${hash}.`;
  return warnings.length === 0 ? summary : `${summary} ${firstFew(warnings)}`;
}

function condition(
  policy: ClusterAuditPolicy,
  type: string,
  status: ConditionContent['status'],
  reason: string,
  message: string,
): ConditionContent {
  return { type, status, reason, message, observedGeneration: policy.generation };
}

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((entry) => entry.type === type);
}
