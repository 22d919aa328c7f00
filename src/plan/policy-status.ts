import { saysTheSame, transition, type Condition, type ConditionContent } from '../api/condition.ts';
import { messageText } from '../api/visible.ts';
import { problemText, type Problem } from '../policy/problem.ts';
import type { ClusterAuditPolicy, ClusterAuditPolicyStatus } from './observed/audit-policy.ts';
import { holdSentence, propagationOf } from './propagation.ts';
import { firstFew } from './report.ts';
import type { PlannedEvent } from './types.ts';

/** Conditions of other writers are none of ours. */
const OWNED: ReadonlySet<string> = new Set(['Ready', 'Stalled']);

/** The clusters of a policy. */
export interface ClusterCounts {
  /** ClusterDeployments that name it. */
  clusters: number;
  /** Those of them that have exactly its content. */
  clustersInPlace: number;
}

export interface PolicyStatusPlan {
  /** The status to put, whole; absent when it stands so already. */
  status?: ClusterAuditPolicyStatus;
  /** Nothing but the counts is new: that can wait. */
  isOnlyCounts: boolean;
  events: readonly PlannedEvent[];
}

/**
 * The status of a policy, as kstatus reads it: `Ready` always; `Stalled` only while a refused policy waits for its
 * author. The last good hash goes with the content that it belongs to, so a refused policy has none.
 */
export function planPolicyStatus(
  policy: ClusterAuditPolicy,
  counts: ClusterCounts,
  nowMs: number,
): PolicyStatusPlan {
  const { accepted, problems } = policy.content;
  const before = policy.status;
  const wanted = wantedConditions(policy);
  const facts: Omit<ClusterAuditPolicyStatus, 'conditions'> = {
    observedGeneration: policy.generation,
    ...(accepted ? { hash: accepted.hash, sha256: accepted.sha256, rules: accepted.rules } : {}),
    ...(policy.requestedAt === undefined ? {} : { lastHandledReconcileAt: policy.requestedAt }),
  };
  const isSaid =
    FACTS.every((name) => before[name] === facts[name]) &&
    before.conditions.filter(({ type }) => OWNED.has(type)).length === wanted.length &&
    wanted.every((next) => {
      const found = find(before.conditions, next.type);
      return found !== undefined && saysTheSame(found, next);
    });
  const isCounted = before.clusters === counts.clusters && before.clustersInPlace === counts.clustersInPlace;
  if (isSaid && isCounted) return { isOnlyCounts: false, events: [] };
  const wasRefusedSo = before.conditions.some(
    ({ type, message }) => type === 'Ready' && message === wanted[0]?.message,
  );
  const errors = problems.filter(({ severity }) => severity === 'error').map(problemText);
  return {
    status: {
      ...facts,
      ...counts,
      conditions: wanted.map((next) => transition(find(before.conditions, next.type), next, nowMs)),
    },
    isOnlyCounts: isSaid,
    events:
      accepted || wasRefusedSo ? [] : [{ reason: 'PolicyRefused', message: messageText(firstFew(errors)) }],
  };
}

/** All of the status that is neither a count nor a condition. */
const FACTS = ['observedGeneration', 'hash', 'sha256', 'rules', 'lastHandledReconcileAt'] as const;

function wantedConditions(policy: ClusterAuditPolicy): ConditionContent[] {
  const { accepted, problems } = policy.content;
  const texts = (wanted: Problem['severity']) =>
    problems.filter(({ severity }) => severity === wanted).map(problemText);
  if (accepted) {
    const notes = [...texts('warning'), ...propagationNote(policy)];
    return [
      condition(policy, 'Ready', 'True', 'Accepted', acceptedMessage(accepted.rules, accepted.hash, notes)),
    ];
  }
  return [
    condition(policy, 'Ready', 'False', 'Refused', firstFew(texts('error'))),
    condition(policy, 'Stalled', 'True', 'Refused', 'Delivered nowhere until the policy is changed.'),
  ];
}

function propagationNote(policy: ClusterAuditPolicy): string[] {
  return propagationOf(policy) === 'Hold' ? [`Edits are held back: ${holdSentence(policy)}`] : [];
}

function acceptedMessage(rules: number, hash: string, notes: readonly string[]): string {
  const summary = `${rules} ${rules === 1 ? 'rule' : 'rules'}, hash ${hash}.`;
  return notes.length === 0 ? summary : `${summary} ${firstFew(notes)}`;
}

function condition(
  policy: ClusterAuditPolicy,
  type: string,
  status: ConditionContent['status'],
  reason: string,
  message: string,
): ConditionContent {
  return { type, status, reason, message: messageText(message), observedGeneration: policy.generation };
}

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((entry) => entry.type === type);
}
