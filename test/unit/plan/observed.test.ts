import { readClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { readCapiCluster } from '../../../src/plan/observed/capi-cluster.ts';
import { readClusterDeployment } from '../../../src/plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap } from '../../../src/plan/observed/config-map.ts';
import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import { readPolicyRefOwners, readValuesWriter } from '../../../src/plan/observed/managed-fields.ts';
import { readKeptRevision } from '../../../src/plan/observed/revision.ts';

const META = { name: 'n', namespace: 'ns', uid: 'u', resourceVersion: '7', generation: 3 };
const READ_META = { key: 'ns/n', ...META, deleting: false };
const NO_META = {
  key: '/',
  name: '',
  namespace: '',
  uid: '',
  resourceVersion: '',
  generation: 0,
  deleting: false,
};
const NOTHINGS: [string, unknown][] = [
  ['an empty object', {}],
  ['null', null],
  ['text', 'x'],
  ['wrong types everywhere', { metadata: { name: 1, generation: 'x' }, spec: [], status: 7, data: [1] }],
];

describe('a ClusterDeployment', () => {
  const condition = { type: 'ClusterAuditPolicyReady', status: 'True', reason: 'r', message: 'm' };

  test('everything that is read', () => {
    const raw = {
      metadata: {
        ...META,
        deletionTimestamp: '2026-11-01T00:00:00Z',
        annotations: { 'auditpolicy.dev/paused': 'true', 'auditpolicy.dev/kubernetes-version': '1.34' },
      },
      spec: { auditPolicy: 'p', dryRun: true, config: { controlPlaneNumber: 3 } },
      status: { region: 'eu', k8sVersion: 'v1.35.1', conditions: [{ type: 'Ready' }, condition] },
    };
    expect(readClusterDeployment(raw)).toStrictEqual({
      ...READ_META,
      deleting: true,
      auditPolicy: 'p',
      paused: true,
      dryRun: true,
      region: 'eu',
      statusVersion: 'v1.35.1',
      annotatedVersion: '1.34',
      controlPlaneNumber: 3,
      condition: { ...condition, lastTransitionTime: '' },
      conditionIndex: 1,
      conditionCount: 2,
    });
  });

  const NONE = { paused: false, dryRun: false, conditionIndex: -1, conditionCount: 0 };
  test.each(NOTHINGS)('%s', (_case, raw) =>
    expect(readClusterDeployment(raw)).toStrictEqual({ ...NO_META, ...NONE }),
  );
  test('empty texts are nothing; paused and dryRun are only what is exactly true', () => {
    const raw = {
      metadata: {
        annotations: { 'auditpolicy.dev/paused': 'yes', 'auditpolicy.dev/kubernetes-version': '' },
      },
      spec: { auditPolicy: '', dryRun: 'true' },
      status: { region: '', k8sVersion: '' },
    };
    expect(readClusterDeployment(raw)).toStrictEqual({ ...NO_META, ...NONE });
  });
});

describe('a ConfigMap of a policy', () => {
  const SHA256_OF_X = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';

  test('everything that is read', () => {
    const owner = { apiVersion: 'v2', kind: 'HelmRelease', name: 'c', uid: 'o' };
    const raw = {
      metadata: {
        ...META,
        labels: {
          'app.kubernetes.io/managed-by': 'audit-policy-operator',
          'k0rdent.mirantis.com/managed': 'true',
        },
        annotations: {
          'auditpolicy.dev/cluster-deployment-uid': 'd',
          'auditpolicy.dev/sha256': 's',
          'auditpolicy.dev/released-at': 't',
          'auditpolicy.dev/reverted': 'a/b/12',
          'auditpolicy.dev/policy': 'p',
          'auditpolicy.dev/helmrelease-before': 'a/b/7',
        },
        ownerReferences: [{ ...owner, controller: true }, 'x', {}],
        finalizers: ['example.com/keep'],
      },
      immutable: true,
      data: { policy: 'x', other: 'y' },
      binaryData: { policy: 'eA==', more: 'eA==' },
    };
    expect(readPolicyConfigMap(raw)).toStrictEqual({
      ...READ_META,
      labelled: true,
      managedByKcm: true,
      deploymentUid: 'd',
      annotatedSha256: 's',
      releasedAt: 't',
      reverts: { helmReleaseUid: 'a/b', count: 12 },
      policy: 'p',
      before: { uid: 'a/b', generation: 7 },
      owners: [
        { ...owner, raw: { ...owner, controller: true } },
        { apiVersion: '', kind: '', name: '', uid: '', raw: {} },
      ],
      sha256: SHA256_OF_X,
      extraKeys: ['other'],
      extraBinaryKeys: ['policy', 'more'],
      immutable: true,
      hasFinalizers: true,
    });
  });

  const NONE = {
    labelled: false,
    managedByKcm: false,
    owners: [],
    extraKeys: [],
    extraBinaryKeys: [],
    immutable: false,
    hasFinalizers: false,
  };
  test.each(NOTHINGS)('%s', (_case, raw) =>
    expect(readPolicyConfigMap(raw)).toStrictEqual({ ...NO_META, ...NONE }),
  );
  test('the labels of others, empty annotations, and an empty policy, which is a content', () => {
    const raw = {
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'Helm', 'k0rdent.mirantis.com/managed': 'false' },
        annotations: {
          'auditpolicy.dev/cluster-deployment-uid': '',
          'auditpolicy.dev/sha256': '',
          'auditpolicy.dev/released-at': '',
        },
      },
      immutable: 'true',
      data: { policy: '' },
    };
    expect(readPolicyConfigMap(raw)).toStrictEqual({
      ...NO_META,
      ...NONE,
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    });
  });
});

test.each(['', 'a', 'a/', '/1', 'a/x', 'a/12345', 'a/1 '])('a count of reverts spelt %j is none', (text) => {
  const read = readPolicyConfigMap({ metadata: { annotations: { 'auditpolicy.dev/reverted': text } } });
  expect(read).not.toHaveProperty('reverts');
});

test.each(['', 'a', 'a/', '/1', 'a/x', 'a/1 '])(
  'a HelmRelease before the values, spelt %j, is none',
  (text) => {
    const read = readPolicyConfigMap({
      metadata: { annotations: { 'auditpolicy.dev/helmrelease-before': text } },
    });
    expect(read).not.toHaveProperty('before');
  },
);

describe('a HelmRelease', () => {
  test('everything that is read', () => {
    const policyRef = { name: 'c-audit-policy', key: 'policy', hash: 'h', more: 1 };
    const raw = {
      metadata: { ...META, labels: { 'k0rdent.mirantis.com/managed': 'true' } },
      spec: { suspend: true, values: { controlPlaneNumber: 5, audit: { policyRef } } },
      status: { history: [{}] },
    };
    expect(readHelmRelease(raw)).toStrictEqual({
      ...READ_META,
      managedByKcm: true,
      suspended: true,
      policyRef: { name: 'c-audit-policy', key: 'policy', hash: 'h', raw: policyRef },
      emptyContainers: [],
      policyRefOwners: [],
      controlPlaneNumber: 5,
      settled: false,
      installed: true,
    });
  });

  test('a reference with parts missing or of wrong types keeps only what it has', () => {
    const read = (policyRef: unknown) =>
      readHelmRelease({ spec: { values: { audit: { policyRef } } } }).policyRef;
    expect(read({ name: 'n', key: 1 })).toStrictEqual({ name: 'n', raw: { name: 'n', key: 1 } });
    expect(read({})).toStrictEqual({ raw: {} });
    expect(read('x')).toBeUndefined();
  });

  test.each(NOTHINGS.slice(0, 3))('%s', (_case, raw) =>
    expect(readHelmRelease(raw)).toStrictEqual({
      ...NO_META,
      managedByKcm: false,
      suspended: false,
      emptyContainers: ['.spec.values', '.spec.values.audit'],
      policyRefOwners: [],
      settled: false,
      installed: false,
    }),
  );

  test('a stall without a reason is told all the same', () => {
    const status = { lastAttemptedGeneration: 0, conditions: [{ type: 'Stalled', status: 'True' }] };
    expect(readHelmRelease({ status }).failure).toBe('Stalled (no reason given)');
  });
});

describe('the owners of the reference, from managedFields', () => {
  const owned = (policyRef: unknown) => ({
    'f:spec': { 'f:values': { 'f:audit': { 'f:policyRef': policyRef } } },
  });
  const read = (...managedFields: unknown[]) => readPolicyRefOwners({ metadata: { managedFields } });
  const TIME = '2026-11-01T12:00:00Z';

  test('who applies which keys, since when; in their order', () => {
    expect(
      read(
        {
          manager: 'a',
          operation: 'Apply',
          time: TIME,
          fieldsV1: owned({ 'f:hash': {}, 'f:name': {}, '.': {} }),
        },
        { manager: 'b', operation: 'Update', time: TIME, fieldsV1: owned({ 'f:key': {} }) },
      ),
    ).toStrictEqual([
      { manager: 'a', applies: true, keys: ['hash', 'name'], timeMs: Date.parse(TIME) },
      { manager: 'b', applies: false, keys: ['key'], timeMs: Date.parse(TIME) },
    ]);
  });

  test('who owns the map as a whole owns every key', () =>
    expect(read({ manager: 'a', time: TIME, fieldsV1: owned({}) })[0]?.keys).toStrictEqual([
      'name',
      'key',
      'hash',
    ]));

  test('other fields, the status, and what has no shape do not count', () =>
    expect(
      read(
        { manager: 'a', fieldsV1: { 'f:spec': { 'f:values': { 'f:audit': { 'f:logPath': {} } } } } },
        { manager: 'b', subresource: 'status', fieldsV1: owned({ 'f:hash': {} }) },
        { manager: 'c', fieldsV1: owned('x') },
        'd',
      ),
    ).toStrictEqual([]));

  test('no name and no time', () =>
    expect(
      read({ fieldsV1: owned({ 'f:hash': {} }) }, { time: 'x', fieldsV1: owned({ 'f:hash': {} }) }),
    ).toStrictEqual([
      { manager: '', applies: false, keys: ['hash'], timeMs: 0 },
      { manager: '', applies: false, keys: ['hash'], timeMs: 0 },
    ]));
});

describe('who else wrote the values last', () => {
  const values = { 'f:spec': { 'f:values': { 'f:a': {} } } };
  const entry = (manager: string | undefined, day: number, more: object = {}) => ({
    manager,
    time: `2026-11-0${String(day)}T00:00:00Z`,
    fieldsV1: values,
    ...more,
  });
  test.each<[string, unknown[], string | undefined]>([
    ['nobody', [], undefined],
    ['the newest, wherever it stands', [entry('a', 1), entry('b', 3), entry('c', 2)], 'b'],
    ['not ourselves', [entry('a', 1), entry('audit-policy-operator', 2)], 'a'],
    ['not who wrote the status', [entry('a', 1), entry('b', 2, { subresource: 'status' })], 'a'],
    ['not who wrote beside the values', [entry('a', 1), entry('b', 2, { fieldsV1: { 'f:spec': {} } })], 'a'],
    ['one without a name', [entry(undefined, 1)], ''],
  ])('%s', (_case, managedFields, expected) =>
    expect(readValuesWriter({ metadata: { managedFields } })).toBe(expected),
  );
});

describe('the rest', () => {
  test('a CAPI Cluster knows its deployment by Flux’ label, in its own namespace', () => {
    const labels = { 'helm.toolkit.fluxcd.io/name': 'c' };
    expect(readCapiCluster({ apiVersion: 'v9', metadata: { ...META, labels } })).toStrictEqual({
      ...READ_META,
      apiVersion: 'v9',
      deploymentKey: 'ns/c',
    });
    const elsewhere = { ...labels, 'helm.toolkit.fluxcd.io/namespace': 'other' };
    expect(readCapiCluster({ metadata: { ...META, labels: elsewhere } }).deploymentKey).toBe('');
    const here = { ...labels, 'helm.toolkit.fluxcd.io/namespace': 'ns' };
    expect(readCapiCluster({ metadata: { ...META, labels: here } }).deploymentKey).toBe('ns/c');
    expect(readCapiCluster({ metadata: META })).toStrictEqual({
      ...READ_META,
      apiVersion: '',
      deploymentKey: '',
    });
  });

  test('a kept revision is known by its name alone', () => {
    const sha256 = '0123456789abcdef'.repeat(4);
    const read = (name: string, creationTimestamp?: string) =>
      readKeptRevision({ metadata: { ...META, name, creationTimestamp } });
    expect(read(`audit-policy-${sha256}`, '2026-11-01T12:00:00Z')).toStrictEqual({
      ...READ_META,
      key: `ns/audit-policy-${sha256}`,
      name: `audit-policy-${sha256}`,
      sha256,
      createdMs: Date.parse('2026-11-01T12:00:00Z'),
    });
    for (const name of [`x-audit-policy-${sha256}`, `audit-policy-${sha256}0`, 'audit-policy-AB', 'other'])
      expect(read(name, 'x')).toMatchObject({ sha256: '', createdMs: 0 });
    expect(readKeptRevision({}).createdMs).toBe(0);
  });

  test('a ClusterAuditPolicy: its status as it stands, each part only when it is there', () => {
    const conditions = [
      {
        type: 'Ready',
        status: 'True',
        reason: 'r',
        message: 'm',
        lastTransitionTime: 't',
        observedGeneration: 1,
      },
    ];
    const status = { observedGeneration: 3, hash: 'h', sha256: 's', rules: 0, conditions };
    const annotations = { 'auditpolicy.dev/paused': 'true' };
    const read = readClusterAuditPolicy({ metadata: { ...META, annotations }, spec: { policy: {} }, status });
    expect(read).toMatchObject({ ...READ_META, paused: true });
    expect(read.status).toStrictEqual(status);
    const bare = readClusterAuditPolicy({ metadata: META, spec: { policy: { rules: [{ level: 'None' }] } } });
    expect(bare).toMatchObject({ paused: false, content: { accepted: { rules: 1 } } });
    expect(bare.status).toStrictEqual({ conditions: [] });
  });

  test('a ClusterAuditPolicy is read once for each of its generations, and anew when it is another object', () => {
    const read = (meta: object, level: string, before?: ReturnType<typeof readClusterAuditPolicy>) =>
      readClusterAuditPolicy(
        { metadata: { ...META, ...meta }, spec: { policy: { rules: [{ level }] } } },
        before,
      );
    const first = read({}, 'None');
    expect(read({ resourceVersion: '8' }, 'None', first).content).toBe(first.content);
    expect(read({ generation: 4 }, 'Metadata', first).content.accepted?.policy.rules).toEqual([
      { level: 'Metadata' },
    ]);
    expect(read({ uid: 'another' }, 'Metadata', first).content.accepted?.policy.rules).toEqual([
      { level: 'Metadata' },
    ]);
  });
});
