import { readConditions, type Condition } from '../../api/condition.ts';
import { at, numberAt, stringAt } from '../../api/json.ts';
import { ANNOTATION_PAUSED, ANNOTATION_PROPAGATION, ANNOTATION_REQUESTED_AT } from '../../api/names.ts';
import { readPolicySpec, type PolicyContent } from '../../policy/content.ts';
import { annotation, readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ClusterAuditPolicy: decoded, checked and rendered once as it arrives, not once per cluster. */
export interface ClusterAuditPolicy extends ObjectMeta {
  paused: boolean;
  /** Annotation `auditpolicy.dev/propagation`, as written. */
  propagation?: string;
  /** Annotation `reconcile.fluxcd.io/requestedAt`, as written. */
  requestedAt?: string;
  content: PolicyContent;
  status: ClusterAuditPolicyStatus;
}

/** What stands in its status now; everything is absent under KCM's own CRD, which has none. */
export interface ClusterAuditPolicyStatus {
  observedGeneration?: number;
  hash?: string;
  sha256?: string;
  rules?: number;
  /** ClusterDeployments that name it. */
  clusters?: number;
  /** Those of them that have exactly this content. */
  clustersInPlace?: number;
  /** The `requestedAt` that was last acted upon. */
  lastHandledReconcileAt?: string;
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
  const clusters = numberAt(raw, 'status', 'clusters');
  const clustersInPlace = numberAt(raw, 'status', 'clustersInPlace');
  const lastHandledReconcileAt = stringAt(raw, 'status', 'lastHandledReconcileAt');
  const propagation = annotation(raw, ANNOTATION_PROPAGATION);
  const requestedAt = annotation(raw, ANNOTATION_REQUESTED_AT);
  return {
    ...meta,
    paused: annotation(raw, ANNOTATION_PAUSED) === 'true',
    ...(propagation !== undefined ? { propagation } : {}),
    ...(requestedAt ? { requestedAt } : {}),
    content: isSameSpec ? before.content : readPolicySpec(at(raw, 'spec')),
    status: {
      ...(observedGeneration !== undefined ? { observedGeneration } : {}),
      ...(hash !== undefined ? { hash } : {}),
      ...(sha256 !== undefined ? { sha256 } : {}),
      ...(rules !== undefined ? { rules } : {}),
      ...(clusters !== undefined ? { clusters } : {}),
      ...(clustersInPlace !== undefined ? { clustersInPlace } : {}),
      ...(lastHandledReconcileAt !== undefined ? { lastHandledReconcileAt } : {}),
      conditions: readConditions(raw),
    },
  };
}
