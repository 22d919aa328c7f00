import type { StateRow } from '../row.ts';

const group = 'Stopped by annotation or dry run';
const PAUSED = { 'auditpolicy.dev/paused': 'true' };

/** Somebody has told the operator to leave a cluster alone. */
export const stopped: readonly StateRow[] = [
  {
    id: 'paused',
    group,
    given: 'The ClusterDeployment is paused; what is wanted is in place.',
    arrange: (w) => w.delivered(),
    act: (w) => w.annotateDeployment(PAUSED),
    writes: ['status'],
    condition: { status: 'True', reason: 'Paused', says: ['on ClusterDeployment "paused"'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'policy-paused',
    group,
    given: 'The policy is paused, and edited.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotatePolicy(PAUSED);
      await w.until('True', 'Paused');
    },
    act: (w) => w.editPolicy(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'Paused',
      says: ['on ClusterAuditPolicy "policy-paused-policy"', 'is in place, hash', 'is wanted'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'pause-ends',
    group,
    given: 'The pause ends.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotateDeployment(PAUSED);
      await w.editPolicy();
      await w.until('False', 'Paused');
    },
    act: (w) => w.annotateDeployment({ 'auditpolicy.dev/paused': null }),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'paused-first',
    group,
    given: 'A cluster is paused before its first delivery.',
    arrange: (w) => w.ready(),
    act: (w) => w.patchDeployment({ metadata: { annotations: PAUSED }, spec: { auditPolicy: w.policy } }),
    writes: ['status'],
    condition: { status: 'False', reason: 'Paused', says: ['no policy is in place, hash'] },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'paused-tampered',
    group,
    given: 'The ConfigMap of a paused cluster is changed: not even a repair is made.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotateDeployment(PAUSED);
      await w.until('True', 'Paused');
    },
    act: (w) => w.patchConfigMap({ data: { policy: 'x' } }),
    writes: ['status'],
    condition: { status: 'False', reason: 'Paused' },
    events: [],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).content).toBe('x'),
  },
  {
    id: 'paused-cleared',
    group,
    given: 'The reference of a paused cluster is cleared.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotateDeployment(PAUSED);
      await w.until('True', 'Paused');
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: { status: 'False', reason: 'Paused', says: ['is in place.'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'paused-nothing',
    group,
    given: 'A paused cluster names no policy and has none.',
    arrange: (w) => w.ready(),
    act: (w) => w.annotateDeployment(PAUSED),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'dry-run',
    group,
    given: '`spec.dryRun` is true before the first delivery.',
    arrange: (w) => w.ready(),
    act: (w) => w.patchDeployment({ spec: { dryRun: true, auditPolicy: w.policy } }),
    writes: ['status'],
    condition: { status: 'False', reason: 'DryRun', says: ['no policy is in place'] },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'dry-run-later',
    group,
    given: '`spec.dryRun` becomes true while the wanted policy is in place.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchDeployment({ spec: { dryRun: true } }),
    writes: ['status'],
    condition: { status: 'True', reason: 'DryRun' },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
];
