import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'Deleted and made again';

/** The second content is in the values, and Flux has begun to roll it out. */
async function midRoll(w: World): Promise<void> {
  await w.delivered();
  w.pauseFlux();
  await w.editPolicy();
  await w.untilWanted();
  await w.until('True', 'Succeeded');
  await w.s.flux.begin(w.namespace, w.name);
}

async function expectNewUid(w: World): Promise<void> {
  const { uid } = (await w.api.get(w.paths.deployment)).metadata;
  const annotations = (await w.configMap())?.metadata.annotations;
  expect(annotations).toMatchObject({ 'auditpolicy.dev/cluster-deployment-uid': uid });
}

/** ClusterDeployments that go and come. */
export const lives: readonly StateRow[] = [
  {
    id: 'deployment-deleted',
    group,
    given: 'The ClusterDeployment is deleted while its HelmRelease lives.',
    arrange: (w) => w.delivered(),
    act: (w) => w.deleteDeployment(),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'deployment-deleted-changed',
    group,
    given:
      "The ConfigMap is changed afterwards: the cluster is in nobody's hands now, and nothing is repaired.",
    arrange: async (w) => {
      await w.delivered();
      await w.deleteDeployment();
    },
    act: (w) => w.patchConfigMap({ data: { policy: 'x' } }),
    writes: [],
    condition: 'none',
    events: [],
    requeue: 'none',
    inPlace: 'other',
    proves: async (w) => expect((await w.inPlace()).content).toBe('x'),
  },
  {
    id: 'deployment-deleting',
    group,
    given: 'It is being deleted, held by a finalizer, and the policy is edited.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchDeployment({ metadata: { finalizers: ['example.com/hold'] } });
      w.afterwards(() => w.patchDeployment({ metadata: { finalizers: null } }));
      await w.deleteDeployment();
      await w.idle();
    },
    act: (w) => w.editPolicy(),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'deployment-made-again',
    group,
    matrix: ['F25'],
    given: 'It is deleted in the middle of a roll-out and made again with the same name and policy.',
    arrange: async (w) => {
      await midRoll(w);
      await w.deleteDeployment();
      await w.idle();
    },
    act: (w) => w.createDeployment(),
    writes: ['patch ConfigMap', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectNewUid,
  },
  {
    id: 'deployment-made-again-otherwise',
    group,
    matrix: ['F25'],
    given: 'The same, with another policy: the roll-out under way is still waited for.',
    arrange: async (w) => {
      await midRoll(w);
      await w.createOtherPolicy([{ level: 'None', users: [w.name] }, ...w.first]);
      await w.deleteDeployment();
      await w.idle();
    },
    act: (w) => w.createDeployment({ auditPolicy: w.otherPolicy }),
    writes: ['status'],
    condition: { status: 'False', reason: 'RollInProgress' },
    events: [],
    requeue: 'at the roll deadline',
    inPlace: 'as before',
  },
  {
    id: 'deployment-made-again-bare',
    group,
    matrix: ['F25'],
    given:
      'It is made again without a policy, after the roll-out: what the one before left in the values goes.',
    arrange: async (w) => {
      await w.delivered();
      await w.deleteDeployment();
      await w.idle();
    },
    act: (w) => w.createDeployment({ auditPolicy: null }),
    writes: ['patch ConfigMap', 'apply HelmRelease'],
    condition: 'none',
    events: ['Normal AuditPolicyCleared'],
    requeue: 'when the retention has passed',
    inPlace: 'nothing',
  },
];
