import { readConditions, type Condition } from '../../api/condition.ts';
import { at, numberAt, stringAt } from '../../api/json.ts';
import { ANNOTATION_PAUSED } from '../../api/names.ts';
import { readPolicySpec, type PolicyContent } from '../../policy/content.ts';
import { annotation, readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ClusterAuditPolicy: decoded, checked and rendered once as it arrives, not once per cluster. */
export interface ClusterAuditPolicy extends ObjectMeta {
  paused: boolean;
  content: PolicyContent;
  status: ClusterAuditPolicyStatus;
}

/** What stands in its status now; everything is absent under KCM's own CRD, which has none. */
export interface ClusterAuditPolicyStatus {
  observedGeneration?: number;
  hash?: string;
  sha256?: string;
  rules?: number;
  conditions: readonly Condition[];
}

/** @param before the same policy as it was known; its content is taken over while uid and generation are the same */
export function readClusterAuditPolicy(raw: unknown, before?: ClusterAuditPolicy): ClusterAuditPolicy {
  const meta = readObjectMeta(raw);
  const isSameSpec = before?.uid === meta.uid && before.generation === meta.generation;
  const observedGeneration = numberAt(raw, 'status', 'observedGeneration');
  const hash = stringAt(raw, 'status', 'hash');
  const sha256 = stringAt(raw, 'status', 'sha256');
  const rules = numberAt(raw, 'status', 'rules');
  return {
    ...meta,
    paused: annotation(raw, ANNOTATION_PAUSED) === 'true',
    content: isSameSpec ? before.content : readPolicySpec(at(raw, 'spec')),
    status: {
      ...(observedGeneration !== undefined ? { observedGeneration } : {}),
      ...(hash !== undefined ? { hash } : {}),
      ...(sha256 !== undefined ? { sha256 } : {}),
      ...(rules !== undefined ? { rules } : {}),
      conditions: readConditions(raw),
    },
  };
}
