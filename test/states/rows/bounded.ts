import { helmReleases } from '../../support/kinds.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'Bounded change';
const TOUCHED = { metadata: { annotations: { touched: 'yes' } } };
const HOLD = { 'auditpolicy.dev/propagation': 'Hold' };

/** Another cluster takes the one place that there is, until the row is over. */
async function takeThePlace(w: World): Promise<World> {
  const other = await w.neighbour('here');
  await other.delivered();
  other.pauseFlux();
  await other.editPolicy();
  await other.untilWanted();
  return other;
}

async function queued(w: World): Promise<World> {
  await w.delivered();
  const other = await takeThePlace(w);
  await w.editPolicy();
  await w.until('False', 'ChangeQueued');
  return other;
}

/** An edit of a policy that is in place reaches its clusters a few at a time. Played with room for one. */
export const bounded: readonly StateRow[] = [
  {
    id: 'queued',
    group,
    given: 'The policy is edited while as many clusters are changing as may (`--max-concurrent-changes`).',
    arrange: async (w) => {
      await w.delivered();
      await takeThePlace(w);
    },
    act: (w) => w.editPolicy(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'ChangeQueued',
      says: ['waits for its turn', 'What is in place stays'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'turn-comes',
    group,
    given: 'One of those is through.',
    arrange: queued,
    act: (w) => w.s.flux.settle(w.namespace, `${w.id}-neighbour`),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'place-of-a-failed-one',
    group,
    matrix: ['F19'],
    given: 'One of those fails.',
    arrange: queued,
    act: (w) => w.s.flux.fail(w.namespace, `${w.id}-neighbour`),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'place-of-a-hung-one',
    group,
    matrix: ['F18'],
    given: 'One of those is suspended, or hangs, until the roll deadline (30 minutes) has passed.',
    laterMs: 31 * 60_000,
    arrange: queued,
    // In production a timer looks at it; here the time is put forward.
    act: (w) => w.api.mergePatch(helmReleases(w.namespace, `${w.id}-neighbour`), TOUCHED),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'not-queued-immediate',
    group,
    given: 'The policy has annotation `auditpolicy.dev/propagation: Immediate`: no edit of it waits.',
    arrange: queued,
    act: (w) => w.annotatePolicy({ 'auditpolicy.dev/propagation': 'Immediate' }),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'not-queued-reference',
    group,
    given: 'The cluster names another policy while no place is free: that is no edit, and does not wait.',
    arrange: async (w) => {
      await queued(w);
      await w.createOtherPolicy([{ level: 'None', users: [w.id] }, ...w.first]);
    },
    act: (w) => w.setReference(w.otherPolicy),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'not-queued-first',
    group,
    given: 'A first delivery while no place is free: it does not wait either.',
    arrange: async (w) => {
      await w.ready();
      await takeThePlace(w);
    },
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'queued-changed',
    group,
    given: 'The ConfigMap of a cluster that waits for its turn is changed.',
    arrange: queued,
    act: (w) => w.patchConfigMap({ data: { policy: 'x' } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'held',
    group,
    given: 'The policy has annotation `auditpolicy.dev/propagation: Hold` and is edited.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotatePolicy(HOLD);
    },
    act: (w) => w.editPolicy(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'ChangeHeld',
      says: ['propagation is Hold', 'What is in place stays'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'held-unreadable',
    group,
    given: 'The same with a value that the operator does not know: it holds as well.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotatePolicy({ 'auditpolicy.dev/propagation': 'Later' });
    },
    act: (w) => w.editPolicy(),
    writes: ['status'],
    condition: { status: 'False', reason: 'ChangeHeld', says: ['"Later", which counts as Hold'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'hold-ends',
    group,
    given: 'The annotation is removed.',
    arrange: async (w) => {
      await w.delivered();
      await w.annotatePolicy(HOLD);
      await w.editPolicy();
      await w.until('False', 'ChangeHeld');
    },
    act: (w) => w.annotatePolicy({ 'auditpolicy.dev/propagation': null }),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'not-held-first',
    group,
    given: 'A first delivery of a policy on hold: what is held is the edit, not the policy.',
    arrange: async (w) => {
      await w.createPolicy(w.first, HOLD);
      await w.createRelease({ other: 1 });
    },
    act: (w) => w.createDeployment(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
];
