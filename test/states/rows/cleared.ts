import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';
import { takenOver } from './ownership.ts';
import { reverted } from './rivals.ts';

const group = 'The reference is cleared';
const RETENTION_PASSED_MS = 61 * 60_000;

/** Cleared, with Flux standing still: the release has not settled without the reference. */
async function clearedUnsettled(w: World): Promise<void> {
  await w.delivered();
  w.pauseFlux();
  await w.setReference(null);
  await w.untilNoCondition();
}

async function cleared(w: World, values: Record<string, unknown> = { other: 1 }): Promise<void> {
  await w.delivered(values);
  await w.setReference(null);
  await w.untilNoCondition();
  await w.settled();
}

/** `spec.auditPolicy` is empty or absent: first the values, much later the ConfigMap. */
export const clearedRows: readonly StateRow[] = [
  {
    id: 'cleared',
    group,
    given: 'What is in place is ours.',
    arrange: (w) => w.delivered({ audit: { logPath: '-' }, other: 1 }),
    act: (w) => w.setReference(null),
    writes: ['patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: 'none',
    events: ['Normal AuditPolicyCleared'],
    requeue: 'when the retention has passed',
    inPlace: 'nothing',
    proves: async (w) => {
      expect((await w.release()).spec?.values).toEqual({ audit: { logPath: '-' }, other: 1 });
      expect((await w.inPlace()).content).toContain('cleared');
    },
  },
  {
    id: 'cleared-one-node',
    group,
    given: 'The same, and the control plane has one node or an even number of them: clearing rolls it too.',
    arrange: (w) => w.delivered({ controlPlaneNumber: 1 }),
    act: (w) => w.setReference(null),
    writes: ['patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: 'none',
    // Counted up: the delivery has told the same.
    events: ['Warning SingleControlPlane'],
    requeue: 'when the retention has passed',
    inPlace: 'nothing',
  },
  {
    id: 'retention-passed',
    group,
    given: 'Flux has settled without the reference and the retention (1 hour) has passed.',
    laterMs: RETENTION_PASSED_MS,
    arrange: (w) => cleared(w),
    act: (w) => w.touch(),
    writes: ['delete ConfigMap'],
    condition: 'none',
    events: ['Normal AuditPolicyConfigMapDeleted'],
    requeue: 'none',
    inPlace: 'nothing',
    proves: async (w) => expect(await w.configMap()).toBeUndefined(),
  },
  {
    id: 'retention-unsettled',
    group,
    given: 'The retention has passed, but Flux has not settled: something may still mount it.',
    laterMs: RETENTION_PASSED_MS,
    arrange: clearedUnsettled,
    act: (w) => w.touch(),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'named-again',
    group,
    given: 'A policy is named again before the retention has passed.',
    arrange: (w) => cleared(w),
    act: (w) => w.setReference(),
    writes: ['patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
    proves: async (w) => {
      const annotations = (await w.configMap())?.metadata.annotations;
      expect(annotations).not.toHaveProperty(['auditpolicy.dev/released-at']);
    },
  },
  {
    id: 'named-again-empty',
    group,
    given: 'The same, where nothing else is in the values and their creator still owns the empty map.',
    arrange: (w) => cleared(w, {}),
    act: (w) => w.setReference(),
    writes: ['patch ConfigMap', 'apply HelmRelease (refused)', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'cleared-suspended',
    group,
    given: 'The HelmRelease is suspended.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ spec: { suspend: true } });
      await w.idle();
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'HelmReleaseSuspended',
      says: ['The reference is cleared, but hash'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-suspended-changed',
    group,
    given: 'The ConfigMap is changed meanwhile: what the values name is kept right.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ spec: { suspend: true } });
      await w.setReference(null);
      await w.until('False', 'HelmReleaseSuspended');
    },
    act: (w) => w.patchConfigMap({ data: { policy: 'x' } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-rolling',
    group,
    given: 'Flux is rolling out the policy.',
    arrange: async (w) => {
      await w.delivered();
      w.pauseFlux();
      await w.editPolicy();
      await w.untilWanted();
      await w.s.flux.begin(w.namespace, w.name);
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'RollInProgress',
      says: ['until Flux has finished the roll-out of'],
    },
    events: [],
    requeue: 'at the roll deadline',
    inPlace: 'as before',
  },
  {
    id: 'named-again-rolling',
    group,
    given: 'A policy is named again while Flux rolls out the values without one.',
    arrange: clearedUnsettled,
    act: (w) => w.setReference(),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'RollInProgress',
      says: ['until Flux has finished the roll-out without an audit policy'],
    },
    events: [],
    requeue: 'at the roll deadline',
    inPlace: 'nothing',
  },
  {
    id: 'cleared-owned-by-another',
    group,
    given: 'Another manager owns a part of the reference.',
    arrange: async (w) => {
      await w.delivered();
      const { hash } = await w.inPlace();
      await w.api.apply(
        w.paths.release,
        {
          apiVersion: 'helm.toolkit.fluxcd.io/v2',
          kind: 'HelmRelease',
          metadata: { name: w.name },
          spec: { values: { audit: { policyRef: { hash } } } },
        },
        { fieldManager: 'kustomize-controller' },
      );
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: { status: 'False', reason: 'FieldConflict', says: ['owned by "kustomize-controller"'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-after-takeover',
    group,
    given: 'The keys are those that KCM left behind, and say exactly what is in place.',
    arrange: takenOver,
    act: (w) => w.setReference(null),
    writes: ['patch ConfigMap', 'patch HelmRelease', 'status'],
    condition: 'none',
    events: ['Normal AuditPolicyCleared'],
    requeue: 'when the retention has passed',
    inPlace: 'nothing',
    proves: async (w) => expect((await w.release()).spec?.values).toEqual({ audit: { logPath: '-' } }),
  },
  {
    id: 'never-named',
    group,
    given: 'No policy was ever named; somebody wrote a reference of that form into the values.',
    arrange: async (w) => {
      await w.createRelease({
        audit: { policyRef: { name: `${w.name}-audit-policy`, key: 'policy', hash: '0badcafe' } },
      });
    },
    act: (w) => w.createDeployment({ auditPolicy: null }),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-no-release',
    group,
    given: 'There is no HelmRelease.',
    arrange: async (w) => {
      await w.createPolicy();
      await w.createDeployment();
      await w.until('False', 'HelmReleaseNotFound');
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'cleared-release-deleting',
    group,
    given: 'The HelmRelease is being deleted.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ metadata: { finalizers: ['finalizers.fluxcd.io'] } });
      w.afterwards(() => w.patchRelease({ metadata: { finalizers: null } }));
      await w.api.delete(w.paths.release);
      await w.until('False', 'HelmReleaseDeleting');
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-after-reverts',
    group,
    given: 'Another writer has taken the reference out already: only the ConfigMap is left to go.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 2);
      await w.putValues({});
      await w.until('False', 'Reverted');
    },
    act: (w) => w.setReference(null),
    writes: ['patch ConfigMap', 'status'],
    condition: 'none',
    events: [],
    requeue: 'when the retention has passed',
    inPlace: 'nothing',
  },
  {
    id: 'cleared-dry-run',
    group,
    given: '`spec.dryRun` becomes true at the same time.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchDeployment({ spec: { auditPolicy: null, dryRun: true } }),
    writes: ['status'],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'cleared-remote',
    group,
    given: 'The release has been given a remote target since the delivery.',
    arrange: async (w) => {
      await w.delivered();
      await w.api.patchStatus(w.paths.deployment, { region: 'eu' });
      await w.until('False', 'RemoteTargetUnsupported');
    },
    act: (w) => w.setReference(null),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'RemoteTargetUnsupported',
      says: ['The reference is cleared, but'],
    },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
];
