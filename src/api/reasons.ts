/**
 * The reasons of condition `ClusterAuditPolicyReady` on a ClusterDeployment. `npm run generate` writes
 * docs/reference/conditions.md from this table.
 */
export const CLUSTER_CONDITION = 'ClusterAuditPolicyReady';

export interface ReasonDoc {
  /** `delivered`: True while the wanted policy is in place, else False. */
  status: 'True' | 'False' | 'delivered';
  /** What is the case. */
  meaning: string;
  /** What the person who reads it does about it; empty when nothing. */
  remedy: string;
}

const table = {
  Succeeded: {
    status: 'True',
    meaning: 'The ConfigMap holds the policy and the HelmRelease values name it.',
    remedy: '',
  },
  Paused: {
    status: 'delivered',
    meaning:
      'Annotation `auditpolicy.dev/paused: "true"` on the ClusterDeployment or the policy stops every write but this condition.',
    remedy: 'Remove the annotation.',
  },
  DryRun: {
    status: 'delivered',
    meaning: '`spec.dryRun` of the ClusterDeployment is true; nothing is written for it.',
    remedy: 'Set `spec.dryRun: false`.',
  },
  InvalidReference: {
    status: 'False',
    meaning:
      '`spec.auditPolicy` is not the name of an object in the same namespace, or makes a ConfigMap name over 253 characters.',
    remedy: 'Name a ClusterAuditPolicy of the same namespace; shorten the name of the ClusterDeployment.',
  },
  PolicyNotFound: {
    status: 'False',
    meaning: 'No ClusterAuditPolicy of that name is in the namespace. What is in place stays.',
    remedy: 'Create it, or correct `spec.auditPolicy`. The order does not matter.',
  },
  PolicyRefused: {
    status: 'False',
    meaning:
      'The policy has errors; kube-apiserver would not start with it, or read it otherwise than it is written. The last good one stays in place.',
    remedy:
      'Mend the fields that the message names. `audit-policy-operator validate` shows them with line and column.',
  },
  PolicyUnfit: {
    status: 'False',
    meaning:
      "The policy is right for newer Kubernetes, but this cluster's kube-apiserver would refuse it. What is in place stays.",
    remedy: 'Change the policy, name another one, or upgrade the cluster first.',
  },
  HelmReleaseNotFound: {
    status: 'False',
    meaning:
      'The HelmRelease of the same name and namespace does not exist yet. The operator never creates one.',
    remedy: 'Wait for what creates it (KCM or your GitOps repo); the delivery follows by itself.',
  },
  HelmReleaseDeleting: {
    status: 'False',
    meaning: 'The HelmRelease is being deleted; it is not written.',
    remedy: '',
  },
  HelmReleaseSuspended: {
    status: 'False',
    meaning: 'A change waits because the HelmRelease has `spec.suspend: true`. What is in place stays.',
    remedy: 'Resume it (`flux resume helmrelease`); the change follows by itself.',
  },
  RollInProgress: {
    status: 'False',
    meaning:
      'A change waits until Flux has finished the one under way, or it has failed, or the roll deadline has passed.',
    remedy: 'Usually none. If it lasts, look at the HelmRelease.',
  },
  ChangeHeld: {
    status: 'False',
    meaning:
      'The policy was edited, and its annotation `auditpolicy.dev/propagation: Hold` keeps the edit from clusters that run an older content. What is in place stays.',
    remedy: 'Remove the annotation, or set it to `Immediate`, when the edit may go out.',
  },
  ChangeQueued: {
    status: 'False',
    meaning:
      "The policy was edited, and `--max-concurrent-changes` clusters are changing already. What is in place stays until it is this one's turn.",
    remedy:
      'Usually none. `auditpolicy.dev/propagation: Immediate` on the policy starts all of its clusters at once.',
  },
  RemoteTargetUnsupported: {
    status: 'False',
    meaning:
      'The release goes to another cluster or namespace, where the ConfigMap would have to be. Nothing is written; what is in place stays.',
    remedy: 'None yet: remote targets are not supported.',
  },
  NameConflict: {
    status: 'False',
    meaning:
      "A ConfigMap of the name that k0rdent fixes exists and is not the operator's. It is left as it is.",
    remedy: 'Remove or rename it; if it is the policy in place, hand it over as docs/takeover.md tells.',
  },
  FieldConflict: {
    status: 'False',
    meaning:
      'Another writer owns `spec.values.audit.policyRef` of the HelmRelease. Its value is left as it is.',
    remedy: 'Take the key out of what the named field manager applies.',
  },
  Reverted: {
    status: 'False',
    meaning:
      'Another writer has taken the reference out of the HelmRelease values, or changed it, again and again. Every turn would roll the control plane, so the operator has stopped after the second.',
    remedy:
      'Make the writer that the message names keep the key. Then name another policy or edit this one, or remove annotation `auditpolicy.dev/reverted` from the ConfigMap.',
  },
  HashCollision: {
    status: 'False',
    meaning:
      'Another policy in this namespace has the same short hash with other bytes; the file name could not tell them apart.',
    remedy: 'Change the policy in any way that changes its bytes.',
  },
  Forbidden: {
    status: 'False',
    meaning: 'The API server does not let the operator write what it must.',
    remedy:
      'Grant the verb that the message names, or raise the quota; nothing, if the namespace is being deleted.',
  },
  WriteRefused: {
    status: 'False',
    meaning: 'The API server refuses a write as invalid.',
    remedy: "The message has the server's words; if they make no sense to you, file a bug.",
  },
} as const satisfies Record<string, ReasonDoc>;

export type Reason = keyof typeof table;
export const REASONS: Readonly<Record<Reason, ReasonDoc>> = table;
