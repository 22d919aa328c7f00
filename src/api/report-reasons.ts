/**
 * The reasons of condition `Agrees` on a ClusterAuditReport. `npm run generate` writes docs/reference/reports.md from this
 * table.
 */
export const AUDIT_REPORT_GROUP = 'auditpolicy.dev';
export const AUDIT_REPORT_VERSION = 'v1alpha1';
export const REPORT_CONDITION = 'Agrees';

export interface ReportReasonDoc {
  status: 'True' | 'False' | 'Unknown';
  /** What is the case. */
  meaning: string;
  /** What the person who reads it does about it; empty when nothing. */
  remedy: string;
}

const table = {
  Succeeded: {
    status: 'True',
    meaning: 'The HelmRelease values name the hash of the policy, and the ConfigMap holds its bytes.',
    remedy: '',
  },
  InvalidReference: {
    status: 'False',
    meaning: '`spec.auditPolicy` is not the name of an object in the same namespace.',
    remedy: 'Name a ClusterAuditPolicy of the same namespace.',
  },
  PolicyNotFound: {
    status: 'False',
    meaning: 'No ClusterAuditPolicy of that name is in the namespace. KCM leaves what is in place.',
    remedy: 'Create it, or correct `spec.auditPolicy`.',
  },
  PolicyRefused: {
    status: 'False',
    meaning:
      'kube-apiserver would not start with the policy, or would read it otherwise than it is written. KCM does not check for all of it, and may have written it.',
    remedy:
      'Name a policy without the mistakes that the message tells; do not wait for the next restart of a control-plane node.',
  },
  PolicyUnfit: {
    status: 'False',
    meaning: "This cluster's kube-apiserver is too old for the policy. KCM does not check for that.",
    remedy: 'Name another policy, or upgrade the cluster first.',
  },
  NotWritten: {
    status: 'False',
    meaning:
      'The HelmRelease values name no policy (yet): KCM has not come to it, has an error of its own, or is older than 1.10.',
    remedy: "If it lasts, look at the ClusterDeployment's conditions and KCM's log.",
  },
  OtherContent: {
    status: 'False',
    meaning: 'The HelmRelease values name another hash or another ConfigMap than they should.',
    remedy: 'KCM may be about to write it. If it lasts, somebody else writes the values.',
  },
  ConfigMapNotFound: {
    status: 'False',
    meaning:
      'The HelmRelease values name a ConfigMap that does not exist: control-plane nodes that start now cannot mount it.',
    remedy: "KCM creates it at its next turn: touch the ClusterDeployment, then look at KCM's log.",
  },
  ConfigMapDiffers: {
    status: 'False',
    meaning:
      'The values name the right hash, but the ConfigMap holds other bytes: control-plane nodes that start now read another policy than those that run.',
    remedy:
      'KCM puts it right at its next turn: touch the ClusterDeployment. Find out who changed the ConfigMap.',
  },
  LeftBehind: {
    status: 'False',
    meaning:
      'The cluster names no policy (any more), but the values or the ConfigMap of one are still there.',
    remedy: "If it lasts, look at KCM's log; or name a policy again.",
  },
  RemoteTarget: {
    status: 'Unknown',
    meaning: 'The values name the right hash; the ConfigMap is in another cluster, which is not looked at.',
    remedy: '',
  },
  Forbidden: {
    status: 'Unknown',
    meaning: 'The API server does not let the operator read the ConfigMap.',
    remedy: 'Grant the verb that the message names.',
  },
} as const satisfies Record<string, ReportReasonDoc>;

export type ReportReason = keyof typeof table;
export const REPORT_REASONS: Readonly<Record<ReportReason, ReportReasonDoc>> = table;
