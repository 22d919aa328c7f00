import { helmReleases } from '../../support/kinds.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'Other writers of the values';

/** Another writer puts the whole values without our keys, and the operator answers, so many times. */
export async function reverted(w: World, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    await w.putValues({});
    await w.untilWanted();
    await w.idle();
  }
}

/** A GitOps tool applies a HelmRelease with these values. */
function applied(w: World, values: object, force = false) {
  return w.api.apply(
    w.paths.release,
    {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: w.name },
      spec: { interval: '10m', chartRef: { kind: 'HelmChart', name: 't' }, values },
    },
    { fieldManager: 'kustomize-controller', force },
  );
}

/** Whoever else writes the values is never fought for long, and never overwritten. */
export const rivals: readonly StateRow[] = [
  {
    id: 'owned-by-another',
    group,
    matrix: ['F17'],
    given: 'Another manager applies `spec.values.audit.policyRef` itself.',
    arrange: async (w) => {
      await w.createPolicy();
      await applied(w, { audit: { policyRef: { name: 'theirs', key: 'k', hash: 'h' } } });
    },
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'FieldConflict', says: ['is owned by "kustomize-controller"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'taken-by-force',
    group,
    matrix: ['F17'],
    given: 'Another manager takes the reference in place by force and names something else.',
    arrange: (w) => w.delivered(),
    act: (w) => applied(w, { audit: { policyRef: { hash: 'deadbeef' } } }, true),
    writes: ['status'],
    condition: { status: 'False', reason: 'FieldConflict', says: ['is owned by "kustomize-controller"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).hash).toBe('deadbeef'),
  },
  {
    id: 'forced-without-key',
    group,
    given: 'Another manager applies its values by force, without the reference: nothing of ours goes.',
    arrange: (w) => w.delivered(),
    act: (w) => applied(w, { theirs: 1 }, true),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'audit-scalar',
    group,
    given: '`spec.values.audit` is a scalar or a list of somebody.',
    arrange: (w) => w.ready({ audit: 'off' }),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease (refused)', 'status'],
    condition: { status: 'False', reason: 'FieldConflict', says: ['spec.values.audit is owned by "test"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'nothing',
    proves: async (w) => expect((await w.release()).spec?.values).toEqual({ audit: 'off' }),
  },
  {
    id: 'reverted-once',
    group,
    matrix: ['F16'],
    given:
      'Another writer puts `spec.values` whole and takes the reference out, for the first or second time.',
    arrange: (w) => w.delivered(),
    act: (w) => w.putValues({ theirs: 1 }),
    writes: ['patch ConfigMap', 'apply HelmRelease'],
    condition: 'unchanged',
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'reverted-again',
    group,
    matrix: ['F16'],
    given: 'And for the third time: two rewrites are all, and the writer is named.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 2);
    },
    act: (w) => w.putValues({ theirs: 1 }),
    writes: ['status'],
    condition: { status: 'False', reason: 'Reverted', says: ['the last one known is "rival"', '3 times'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'reverted-fail-over',
    group,
    isAlone: true,
    matrix: ['F16'],
    given: 'Another replica takes over then: the count survives.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 2);
      await w.putValues({ theirs: 1 });
      await w.until('False', 'Reverted');
    },
    act: (w) => w.s.restartOperator(),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'reverted-once-then-fail-over',
    group,
    isAlone: true,
    matrix: ['F16'],
    given: 'Another replica takes over after the first rewrite: of the two it has one left.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 1);
      await w.s.restartOperator();
      await reverted(w, 1);
    },
    act: (w) => w.putValues({ theirs: 1 }),
    writes: ['status'],
    condition: { status: 'False', reason: 'Reverted', says: ['3 times'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'reverted-edited',
    group,
    given: 'Another content is wanted then: that is another decision.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 2);
      await w.putValues({ theirs: 1 });
      await w.until('False', 'Reverted');
    },
    act: (w) => w.editPolicy(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'reverted-annotation-removed',
    group,
    given: 'Annotation `auditpolicy.dev/reverted` is removed from the ConfigMap then.',
    arrange: async (w) => {
      await w.delivered();
      await reverted(w, 2);
      await w.putValues({ theirs: 1 });
      await w.until('False', 'Reverted');
    },
    act: (w) => w.patchConfigMap({ metadata: { annotations: { 'auditpolicy.dev/reverted': null } } }),
    writes: ['patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'other-hash-by-update',
    group,
    given: 'Another writer puts another hash in place of ours, by an update.',
    arrange: (w) => w.delivered(),
    act: (w) =>
      w.api.mergePatch(
        helmReleases(w.namespace, w.name),
        { spec: { values: { audit: { policyRef: { hash: 'deadbeef' } } } } },
        { fieldManager: 'rival' },
      ),
    writes: ['status'],
    condition: { status: 'False', reason: 'FieldConflict', says: ['is owned by "rival"'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).hash).toBe('deadbeef'),
  },
];
