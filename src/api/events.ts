/**
 * The reasons of Events on ClusterDeployments and ClusterAuditPolicies. The first five are k0rdent's own.
 * `npm run generate` writes docs/reference/events.md from this table.
 */
const table = {
  ClusterAuditPolicyError: {
    type: 'Warning',
    meaning: 'The named policy is missing, refused, or unfit for this cluster.',
  },
  AuditPolicyConfigMapError: {
    type: 'Warning',
    meaning: 'The ConfigMap or the HelmRelease values could not be written.',
  },
  AuditPolicyConfigMapCreated: {
    type: 'Normal',
    meaning: 'A policy was delivered to a cluster that had none.',
  },
  AuditPolicyConfigMapUpdated: {
    type: 'Normal',
    meaning: 'Another content was delivered, or a ConfigMap was taken over.',
  },
  AuditPolicyConfigMapDeleted: {
    type: 'Normal',
    meaning: 'The ConfigMap of a cleared reference was deleted after its retention.',
  },
  AuditPolicyCleared: {
    type: 'Normal',
    meaning: 'The reference was cleared and the values no longer name a policy.',
  },
  AuditPolicyConfigMapRepaired: {
    type: 'Warning',
    meaning: 'Somebody changed or deleted the ConfigMap; the content in place was restored.',
  },
  SingleControlPlane: {
    type: 'Warning',
    meaning:
      'A change was delivered that rolls a control plane of one or an even number of nodes (docs/single-control-plane.md).',
  },
  PolicyRefused: {
    type: 'Warning',
    meaning: 'On the ClusterAuditPolicy: it has errors, and is delivered nowhere.',
  },
} as const satisfies Record<string, { type: 'Normal' | 'Warning'; meaning: string }>;

export type EventReason = keyof typeof table;
export const EVENTS: Readonly<Record<EventReason, { type: 'Normal' | 'Warning'; meaning: string }>> = table;
