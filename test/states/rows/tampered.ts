import { capiClusters } from '../../support/kinds.ts';
import type { StateRow } from '../row.ts';
import type { World } from '../world.ts';

const group = 'The ConfigMap is not as it was left';
const OTHER = { data: { policy: 'rules: [{level: None}]' } };
const TYPO = [{ level: 'None', user: ['x'] }];

async function createCluster(w: World): Promise<void> {
  await w.api.create(capiClusters(w.namespace), {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: { name: w.name, labels: { 'helm.toolkit.fluxcd.io/name': w.name } },
    spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
  });
}

async function owners(w: World): Promise<unknown[] | undefined> {
  return (await w.configMap())?.metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]);
}

async function expectOwner(w: World, kind: string, uid: string): Promise<void> {
  expect(await owners(w)).toEqual([[kind, uid]]);
}

async function expectMetadata(w: World): Promise<void> {
  const metadata = (await w.configMap())?.metadata;
  expect(metadata?.labels).toEqual({ 'app.kubernetes.io/managed-by': 'audit-policy-operator' });
  expect(metadata?.annotations).toHaveProperty(['auditpolicy.dev/sha256']);
  expect(metadata?.annotations).toHaveProperty(['auditpolicy.dev/cluster-deployment-uid']);
  await expectOwner(w, 'HelmRelease', (await w.release()).metadata.uid);
}

/** Changed, deleted, stripped: what the values name is put back, whatever is wanted meanwhile. */
export const tampered: readonly StateRow[] = [
  {
    id: 'changed',
    group,
    given: 'Its content is changed.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchConfigMap({ data: { policy: 'rules: [{level: None}]', extra: 'x' } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
    proves: async (w) => expect(Object.keys((await w.configMap())?.data ?? {})).toEqual(['policy']),
  },
  {
    id: 'deleted',
    group,
    given: 'It is deleted.',
    arrange: (w) => w.delivered(),
    act: (w) => w.api.delete(w.paths.configMap),
    writes: ['create ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'immutable',
    group,
    given: 'Its content is changed and it is made immutable.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchConfigMap({ ...OTHER, immutable: true }),
    writes: ['delete ConfigMap', 'create ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'replaced',
    group,
    given: 'It is deleted and made again by somebody, with other content and nothing of ours.',
    arrange: (w) => w.delivered(),
    act: async (w) => {
      const made = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${w.name}-audit-policy` } };
      await w.api.replace(w.paths.configMap, { ...made, ...OTHER });
    },
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectMetadata,
  },
  {
    id: 'owner-stripped',
    group,
    matrix: ['F12'],
    given: 'Its owner and annotations are taken off.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchConfigMap({ metadata: { ownerReferences: null, annotations: null } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectMetadata,
  },
  {
    id: 'label-stripped',
    group,
    matrix: ['F12'],
    given: 'Its label is taken off, so that the watch no longer shows it.',
    arrange: (w) => w.delivered(),
    act: (w) => w.patchConfigMap({ metadata: { labels: null } }),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectMetadata,
  },
  {
    id: 'changed-policy-refused',
    group,
    given: 'Its content is changed while the named policy is refused.',
    arrange: async (w) => {
      await w.delivered();
      await w.editPolicy(TYPO);
      await w.until('False', 'PolicyRefused');
    },
    act: (w) => w.patchConfigMap(OTHER),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'immutable-policy-refused',
    group,
    given: 'The same, and it is made immutable.',
    arrange: async (w) => {
      await w.delivered();
      await w.editPolicy(TYPO);
      await w.until('False', 'PolicyRefused');
    },
    act: (w) => w.patchConfigMap({ ...OTHER, immutable: true }),
    writes: ['delete ConfigMap', 'create ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'changed-policy-deleted',
    group,
    matrix: ['F24'],
    given: 'It is deleted after the policy has been.',
    arrange: async (w) => {
      await w.delivered();
      await w.api.delete(w.paths.policy);
      await w.until('False', 'PolicyNotFound');
    },
    act: (w) => w.api.delete(w.paths.configMap),
    writes: ['create ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'changed-suspended',
    group,
    given:
      'Its content is changed while an edit waits for a suspended HelmRelease: what is in place comes back.',
    arrange: async (w) => {
      await w.delivered();
      await w.patchRelease({ spec: { suspend: true } });
      await w.editPolicy();
      await w.until('False', 'HelmReleaseSuspended');
    },
    act: (w) => w.patchConfigMap(OTHER),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'changed-rolling',
    group,
    given: 'Its content is changed while an edit waits for a roll-out.',
    arrange: async (w) => {
      await w.delivered();
      await w.createOtherPolicy();
      w.pauseFlux();
      await w.editPolicy([{ level: 'None', users: [w.name] }, ...w.first]);
      await w.untilWanted();
      await w.setReference(w.otherPolicy);
      await w.until('False', 'RollInProgress');
    },
    act: (w) => w.patchConfigMap(OTHER),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: ['Warning AuditPolicyConfigMapRepaired'],
    requeue: 'at the roll deadline',
    inPlace: 'as before',
  },
  {
    id: 'kept-copy-deleted',
    group,
    given: 'The kept copy (ControllerRevision) of what is in place is deleted.',
    arrange: (w) => w.delivered(),
    act: async (w) => w.api.delete(await w.revisionPath()),
    writes: ['create ControllerRevision'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'both-copies-lost',
    group,
    given:
      'Kept copy and ConfigMap are deleted after the policy has been: nothing can be restored, and that is said.',
    arrange: async (w) => {
      await w.delivered();
      await w.api.delete(w.paths.policy);
      await w.until('False', 'PolicyNotFound');
      await w.api.delete(await w.revisionPath());
      await w.idle();
    },
    act: (w) => w.api.delete(w.paths.configMap),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyNotFound', says: ['is gone, and no copy of hash'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'hash only',
  },
  {
    id: 'kept-copy-damaged',
    group,
    given:
      'The kept copy has other bytes than its name promises, the policy is deleted, and the ConfigMap is.',
    arrange: async (w) => {
      await w.delivered();
      const path = await w.revisionPath();
      const revision = await w.api.get(path);
      await w.api.delete(w.paths.policy);
      await w.until('False', 'PolicyNotFound');
      await w.api.delete(path);
      await w.idle();
      const { name, labels } = revision.metadata;
      await w.api.create(path.slice(0, path.lastIndexOf('/')), {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: { name, labels },
        data: { policy: 'other bytes' },
        revision: 1,
      });
    },
    act: (w) => w.api.delete(w.paths.configMap),
    writes: ['status'],
    condition: { status: 'False', reason: 'WriteRefused', says: ['does not have the content that its name'] },
    events: ['Warning AuditPolicyConfigMapError'],
    requeue: 'after 5m',
    inPlace: 'hash only',
  },
  {
    id: 'cluster-appears',
    group,
    given: "The CAPI Cluster of the release appears: it becomes the ConfigMap's owner.",
    arrange: (w) => w.delivered(),
    act: createCluster,
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: async (w) => {
      const cluster = await w.api.get(capiClusters(w.namespace, w.name));
      await expectOwner(w, 'Cluster', cluster.metadata.uid);
    },
  },
  {
    id: 'cluster-goes',
    group,
    given: 'It goes, and the HelmRelease stays: the HelmRelease owns the ConfigMap again.',
    arrange: async (w) => {
      await w.delivered();
      await createCluster(w);
      await w.idle();
      expect(await owners(w)).toEqual([['Cluster', expect.anything()]]);
    },
    act: (w) => w.api.delete(capiClusters(w.namespace, w.name)),
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectMetadata,
  },
  {
    id: 'restored-from-backup',
    group,
    given: 'After a restore from backup its owner and its deployment have uids that exist no more.',
    arrange: (w) => w.delivered(),
    act: async (w) => {
      const [owner] = (await w.configMap())?.metadata.ownerReferences ?? [];
      const uid = '00000000-0000-0000-0000-000000000000';
      await w.patchConfigMap({
        metadata: {
          ownerReferences: [{ ...owner, uid }],
          annotations: { 'auditpolicy.dev/cluster-deployment-uid': uid },
        },
      });
    },
    writes: ['patch ConfigMap'],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
    proves: expectMetadata,
  },
];
