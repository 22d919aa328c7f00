import { join } from 'node:path';
import { REPO_ROOT } from '../../control-plane/paths.ts';
import { eventually } from '../../support/eventually.ts';
import { deploymentManifest } from '../../support/fleet.ts';
import { installCrdFiles } from '../../support/install-crds.ts';
import { clusterDeployments, crds } from '../../support/kinds.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'KCM runs here';
const stage = 'kcm';
const MANAGED = { 'k0rdent.mirantis.com/managed': 'true' };

/** What KCM makes for a cluster that names the row's policy. */
async function madeByKcm(w: World): Promise<void> {
  await w.createPolicy();
  const { hash, content } = await w.rendered();
  await w.foreignConfigMap({ policy: content }, { labels: MANAGED });
  const policyRef = { name: `${w.name}-audit-policy`, key: 'policy', hash };
  await w.createRelease({ audit: { policyRef } }, {}, MANAGED);
  await w.createDeployment();
  await w.settled();
}

async function deliveredByUs(w: World): Promise<void> {
  await w.ready({ other: 1 });
  await w.setReference();
  await w.until('True', 'Succeeded');
  await w.settled();
}

/** Until the row is over, the definitions are those of KCM before 1.10. */
async function olderKcm(w: World): Promise<void> {
  w.afterwards(async () => {
    await install(w, 'kcm');
    await seesReferences(w);
  });
  await install(w, 'kcm-1.9');
  await w.touch();
}

/** Resolves when the API server has taken the definitions up: it goes on with the ones before for a moment. */
async function install({ api, namespace }: World, set: 'kcm' | 'kcm-1.9'): Promise<void> {
  await installCrdFiles(api, [join(REPO_ROOT, 'test/crds', set, 'clusterdeployments.yaml')]);
  await eventually(async () => {
    const body = deploymentManifest('probe', { auditPolicy: 'p' });
    const { spec } = await api.create(clusterDeployments(namespace), body, { dryRun: true });
    expect(spec?.auditPolicy).toBe(set === 'kcm' ? 'p' : undefined);
  });
}

/**
 * Resolves when the operator sees references again. A new definition ends its watch of the clusters, which comes back later each time, and
 * for a moment the API server may go on serving one that drops the reference: what comes by that is not read again until it changes.
 */
async function seesReferences(w: World): Promise<void> {
  const probe = await w.neighbour('here');
  await probe.createPolicy();
  await probe.createRelease();
  await probe.createDeployment();
  const isDelivered = async (): Promise<void> => {
    await probe.annotateDeployment({ probed: new Date().toISOString() });
    expect(await probe.condition()).toMatchObject({ status: 'True' });
  };
  await eventually(isDelivered, { timeoutMs: 60_000, intervalMs: 250 });
  await probe.deleteDeployment();
}

/** A management cluster of KCM. Played in this order: at the end KCM goes. */
export const kcm: readonly StateRow[] = [
  {
    id: 'managed',
    group,
    stage,
    given: 'KCM manages the HelmRelease, and the cluster names a policy.',
    arrange: async (w) => {
      await w.createPolicy();
      await w.createRelease({}, {}, MANAGED);
    },
    act: (w) => w.createDeployment(),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'managed-no-release',
    group,
    stage,
    given: 'KCM has not made the HelmRelease yet.',
    arrange: (w) => w.createPolicy(),
    act: (w) => w.createDeployment(),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'managed-changed',
    group,
    stage,
    given: "KCM's ConfigMap is changed: not even a repair, since KCM puts its own back.",
    arrange: madeByKcm,
    act: async (w) => {
      await w.patchConfigMap({ data: { policy: 'x' } });
      await w.touch();
    },
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).content).toBe('x'),
  },
  {
    id: 'managed-cleared',
    group,
    stage,
    given: 'The reference is cleared.',
    arrange: madeByKcm,
    act: (w) => w.setReference(null),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'not-managed',
    group,
    stage,
    given: 'Somebody else made the HelmRelease: it has no label of KCM.',
    arrange: (w) => w.ready({ other: 1 }),
    act: (w) => w.setReference(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'older-kcm',
    group,
    stage,
    given:
      'KCM before 1.10, whose ClusterDeployment drops `spec.auditPolicy`, takes the place of a newer one: who names a policy is not known any more.',
    arrange: deliveredByUs,
    act: olderKcm,
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'older-kcm-restarted',
    group,
    stage,
    given: 'The operator is restarted then, and sees clusters that name nothing.',
    arrange: async (w) => {
      await deliveredByUs(w);
      await olderKcm(w);
    },
    act: (w) => w.s.restartOperator(),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: async (w) => {
      expect((await w.api.get(w.paths.deployment)).spec).not.toHaveProperty('auditPolicy');
      // Nor about any of the clusters that KCM manages.
      expect(w.s.operator.writes.filter(({ resource }) => resource.kind === 'HelmRelease')).toEqual([]);
    },
  },
  {
    id: 'older-kcm-managed',
    group,
    stage,
    given: 'The same for a cluster that KCM manages.',
    arrange: madeByKcm,
    act: olderKcm,
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'kcm-gone',
    group,
    stage,
    given:
      'KCM is uninstalled (its Management is no longer served): what it left is taken over, and nothing rolls.',
    arrange: madeByKcm,
    act: (w) => w.api.delete(crds('managements.k0rdent.mirantis.com')),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'as before',
  },
];
