import type { StateRow } from '../row.ts';

const group = 'Something is missing';

/** The objects that a delivery needs, in any order of their coming. */
export const missing: readonly StateRow[] = [
  {
    id: 'no-policy',
    group,
    given: 'There is no ClusterAuditPolicy of the name.',
    arrange: (w) => w.createRelease(),
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyNotFound', says: ['"no-policy-policy" does not exist'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'policy-comes',
    group,
    given: 'The policy is created later.',
    arrange: async (w) => {
      await w.createRelease();
      await w.createDeployment();
      await w.until('False', 'PolicyNotFound');
    },
    act: (w) => w.createPolicy(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'policy-deleted',
    group,
    matrix: ['F24'],
    given: 'The policy is deleted while the cluster names it.',
    arrange: (w) => w.delivered(),
    act: (w) => w.api.delete(w.paths.policy),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyNotFound', says: ['What is in place stays: hash '] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'policy-deleting',
    group,
    given: 'The policy is being deleted, held by a finalizer of somebody.',
    arrange: async (w) => {
      await w.delivered();
      await w.api.mergePatch(w.paths.policy, { metadata: { finalizers: ['example.com/hold'] } });
      w.afterwards(() =>
        w.api.mergePatch(w.paths.policy, { metadata: { finalizers: null } }).catch(() => undefined),
      );
    },
    act: (w) => w.api.delete(w.paths.policy),
    writes: [],
    condition: 'unchanged',
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'no-release',
    group,
    matrix: ['F18'],
    given: 'There is no HelmRelease of the same name.',
    arrange: (w) => w.createPolicy(),
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseNotFound', says: ['is delivered when it does'] },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
    proves: async (w) => expect(await w.configMap()).toBeUndefined(),
  },
  {
    id: 'release-comes',
    group,
    given: 'The HelmRelease is created later.',
    arrange: async (w) => {
      await w.createPolicy();
      await w.createDeployment();
      await w.until('False', 'HelmReleaseNotFound');
    },
    act: (w) => w.createRelease(),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'release-gone',
    group,
    given: 'The HelmRelease of a delivered cluster is deleted.',
    arrange: (w) => w.delivered(),
    act: (w) => w.api.delete(w.paths.release),
    writes: ['status'],
    condition: { status: 'False', reason: 'HelmReleaseNotFound' },
    events: [],
    requeue: 'none',
    inPlace: 'nothing',
    proves: async (w) => expect((await w.inPlace()).content).toContain('release-gone'),
  },
  {
    id: 'release-made-again',
    group,
    given: 'It is made again, with another uid, while the ConfigMap of the one before is still there.',
    arrange: async (w) => {
      await w.delivered();
      await w.api.delete(w.paths.release);
      await w.until('False', 'HelmReleaseNotFound');
    },
    act: (w) => w.createRelease(),
    writes: ['patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
    proves: async (w) => {
      const uids = (await w.configMap())?.metadata.ownerReferences?.map(({ uid }) => uid);
      expect(uids).toEqual([(await w.release()).metadata.uid]);
    },
  },
];
