import type { StateRow } from '../row.ts';

const group = 'Delivery';

/** Everything is there, and nothing stands in the way. */
export const delivery: readonly StateRow[] = [
  {
    id: 'first-delivery',
    group,
    given: 'The cluster names a policy for the first time, and has a HelmRelease.',
    arrange: (w) => w.ready({ audit: { logPath: '-' }, other: 1 }),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['"first-delivery-policy"', '(assumed'] },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
    proves: async (w) => {
      const { hash } = await w.inPlace();
      expect((await w.release()).spec?.values).toEqual({
        audit: { logPath: '-', policyRef: { name: 'first-delivery-audit-policy', key: 'policy', hash } },
        other: 1,
      });
    },
  },
  {
    id: 'content-known',
    group,
    given: 'The same, and another cluster of the namespace has the same content already.',
    arrange: async (w) => {
      await w.delivered();
      await w.deleteDeployment();
      await w.api.delete(w.paths.release);
      await w.api.delete(w.paths.configMap);
      await w.createRelease();
    },
    act: (w) => w.createDeployment(),
    writes: ['create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'one-node',
    group,
    given: 'The same, and the control plane has one node or an even number of them.',
    arrange: (w) => w.ready({ controlPlaneNumber: 2 }),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['2 nodes', 'docs/single-control-plane.md'] },
    events: ['Warning SingleControlPlane'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'version-unreadable',
    group,
    given: 'The same, and annotation `auditpolicy.dev/kubernetes-version` is no version.',
    arrange: async (w) => {
      await w.ready();
      await w.annotateDeployment({ 'auditpolicy.dev/kubernetes-version': 'newest' });
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['is "newest", write it like "v1.34"'] },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'name-at-the-limit',
    group,
    matrix: ['A9'],
    cluster: 'n'.repeat(240),
    given: "The cluster's name has 240 characters, the most that leave room for the ConfigMap's.",
    arrange: (w) => w.ready(),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'nothing-changed',
    group,
    given: 'The policy is in place; the HelmRelease is touched, nothing that counts changes.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchRelease({ metadata: { annotations: { touched: 'yes' } } }),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'requested',
    group,
    given: 'The policy is in place; a look is asked for by annotation `reconcile.fluxcd.io/requestedAt`.',
    arrange: (w) => w.delivered(),
    act: (w) => w.annotateDeployment({ 'reconcile.fluxcd.io/requestedAt': '2026-11-21T10:00:00Z' }),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'operator-restarted',
    group,
    isAlone: true,
    given: 'The policy is in place; the operator is restarted or another replica takes over.',
    arrange: (w) => w.delivered(),
    act: (w) => w.s.restartOperator(),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'policy-edited',
    group,
    given: 'The policy is edited.',
    arrange: (w) => w.delivered(),
    act: (w) => w.editPolicy(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'same-bytes',
    group,
    given: 'The policy is edited into another spelling of the same content.',
    arrange: (w) => w.delivered(),
    act: (w) => w.editPolicy([{ ...w.first[0], verbs: [] }]),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'another-policy-named',
    group,
    given: 'The cluster names another policy.',
    arrange: async (w) => {
      await w.delivered();
      await w.createOtherPolicy();
    },
    act: (w) => w.setReference(w.otherPolicy),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['"another-policy-named-other"'] },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'audit-null',
    group,
    given: 'The values have `audit: null`.',
    arrange: (w) => w.ready({ audit: null }),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
];
