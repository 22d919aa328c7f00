import { dig } from '../../support/json.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'The HelmRelease is not at rest';

/** Delivered, then edited: the second content is in the values, and Flux has not rolled it out. */
async function rolling(w: World): Promise<void> {
  await w.delivered();
  await w.createOtherPolicy([{ level: 'None', users: [w.name] }, ...w.first]);
  w.pauseFlux();
  await w.editPolicy();
  await w.untilWanted();
  await w.until('True', 'Succeeded');
}

async function failed(w: World): Promise<void> {
  await rolling(w);
  await w.s.flux.fail(w.namespace, w.name);
}

/** Suspended, being deleted, rolling out, failed. */
export const restless: readonly StateRow[] = [
  {
    id: 'suspended-first',
    group,
    matrix: ['F18'],
    given: 'It is suspended before the first delivery.',
    arrange: (w) => w.ready({}, { suspend: true }),
    act: (w) => w.setReference(),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseSuspended', says: ['is suspended'] },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'resumed',
    group,
    given: 'It is resumed.',
    arrange: async (w) => {
      await w.ready({}, { suspend: true });
      await w.setReference();
      await w.until('False', 'HelmReleaseSuspended');
    },
    act: (w) => w.patchRelease({ spec: { suspend: null } }),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'suspended-in-place',
    group,
    matrix: ['F18'],
    given: 'It is suspended while the wanted policy is in place.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchRelease({ spec: { suspend: true } }),
    writes: ['status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['Flux does not roll changes out'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'suspended-change',
    group,
    matrix: ['F18'],
    given: 'The policy is edited while it is suspended.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ spec: { suspend: true } });
      await w.idle();
    },
    act: (w) => w.editPolicy(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'HelmReleaseSuspended',
      says: ['The change to policy', 'What is in place stays'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'release-deleting',
    group,
    matrix: ['F18'],
    given: 'It is being deleted (Flux holds it by its finalizer while it uninstalls).',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ metadata: { finalizers: ['finalizers.fluxcd.io'] } });
      w.afterwards(() => w.patchRelease({ metadata: { finalizers: null } }));
    },
    act: (w) => w.api.delete(w.paths.release),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseDeleting' },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'release-deleting-edited',
    group,
    matrix: ['F18'],
    given: 'The policy is edited and the ConfigMap changed meanwhile.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ metadata: { finalizers: ['finalizers.fluxcd.io'] } });
      w.afterwards(() => w.patchRelease({ metadata: { finalizers: null } }));
      await w.api.delete(w.paths.release);
      await w.until('False', 'HelmReleaseDeleting');
    },
    act: async (w) => {
      await w.editPolicy();
      await w.patchConfigMap({ data: { policy: 'x' } });
    },
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).content).toBe('x'),
  },
  {
    id: 'rolling',
    group,
    given: 'The policy is edited while Flux rolls out the edit before.',
    arrange: async (w) => {
      await rolling(w);
      await w.s.flux.begin(w.namespace, w.name);
    },
    act: (w) => w.setReference(w.otherPolicy),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'RollInProgress',
      says: ['waits until Flux has finished the roll-out of hash'],
    },
    events: [],
    requeue: 'at the roll deadline',
    inPlace: 'as before',
  },
  {
    id: 'rolled',
    group,
    given: 'Flux has finished.',
    arrange: async (w) => {
      await rolling(w);
      await w.setReference(w.otherPolicy);
      await w.until('False', 'RollInProgress');
    },
    act: (w) => w.s.flux.settle(w.namespace, w.name),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'never-rolled',
    group,
    given: 'Flux has not finished when the roll deadline (30 minutes) has passed.',
    laterMs: 31 * 60_000,
    arrange: async (w) => {
      await rolling(w);
      await w.setReference(w.otherPolicy);
      await w.until('False', 'RollInProgress');
    },
    act: (w) => w.touch(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'upgrade-failed',
    group,
    matrix: ['F19'],
    given: 'The upgrade to the wanted policy fails, and Flux will try again.',
    arrange: rolling,
    act: (w) => w.s.flux.fail(w.namespace, w.name),
    writes: ['status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['Flux failed to roll it out: UpgradeFailed.'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'stalled',
    group,
    given: 'Flux has given up on it.',
    arrange: rolling,
    act: (w) => w.s.flux.stall(w.namespace, w.name),
    writes: ['status'],
    condition: {
      status: 'True',
      reason: 'Succeeded',
      says: ['Flux failed to roll it out: Stalled (RetriesExceeded).'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'remediated',
    group,
    matrix: ['F19'],
    given:
      'The upgrade fails and Flux rolls back to the old values: the release is deployed, but not with this policy.',
    arrange: rolling,
    act: (w) => w.s.flux.remediate(w.namespace, w.name),
    writes: ['status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['Flux failed to roll it out: '] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: async (w) => {
      const { status } = await w.release();
      expect(dig(status, 'history', 0, 'status')).toBe('deployed');
      expect(dig(status, 'history', 0, 'configDigest')).not.toBe(dig(status, 'lastAttemptedConfigDigest'));
    },
  },
  {
    id: 'fix-forward',
    group,
    given: 'A newer content is wanted after the upgrade has failed: it does not wait.',
    arrange: failed,
    act: (w) => w.setReference(w.otherPolicy),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
];
