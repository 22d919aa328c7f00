import { ApiError, type Api, type KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, releaseManifest } from '../support/fleet.ts';
import { OPERATOR_NAME, OPERATOR_NAMESPACE } from '../support/install-rbac.ts';
import { configMaps, controllerRevisions, helmReleases, roleBindings, roles } from '../support/kinds.ts';
import { serviceAccountToken } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';

/** What the admission policy lets pass, and what it refuses, of requests with the operator's own token. */
let s: Scenario;
let thief: Api;
beforeAll(async () => {
  s = await Scenario.start('admission-policy');
  thief = s.api.as(await serviceAccountToken(s.api, OPERATOR_NAMESPACE, OPERATOR_NAME));
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.deliver('c', 'metadata', {
    audit: { logMaxAge: 7 },
    replicas: 3,
    nested: { list: [1, { a: 'b' }] },
  });
  await s.operator.stop();
}, 60_000);
afterAll(async () => {
  thief.close();
  await s.stop();
});

const OURS = { 'app.kubernetes.io/managed-by': 'audit-policy-operator' };
const configMap = (name: string, labels: object = OURS) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { policy: 'x' },
});
const revision = (name: string, labels: object = OURS) => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: { name, labels },
  data: { policy: 'x' },
  revision: 1,
});

async function expectRefused(request: Promise<unknown>, message: string): Promise<void> {
  const error: unknown = await request.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403, reason: 'Forbidden' });
  expect(String(error)).toMatch(/ValidatingAdmissionPolicy 'audit-policy-operator-\w+'/);
  expect(String(error)).toContain(message);
}

describe.each([
  [
    'ConfigMap',
    configMaps,
    configMap,
    'a-audit-policy',
    ['audit-policy', 'a-audit-policy-2', 'kube-root-ca.crt'],
  ],
  [
    'ControllerRevision',
    controllerRevisions,
    revision,
    'audit-policy-a',
    ['web-audit-policy-0', 'audit-policy', 'web-5b9c7d'],
  ],
] as const)('A21: a %s', (kind, path, manifest, own, others) => {
  const collection = () => path(s.namespace);

  test(`A21: ${own} with the label: created, changed, deleted`, async () => {
    await thief.create(collection(), manifest(own));
    await s.api.mergePatch(path(s.namespace, own), { metadata: { annotations: { theirs: 'stays' } } });
    if (kind === 'ConfigMap') await thief.mergePatch(path(s.namespace, own), { data: { policy: 'y' } });
    await thief.delete(path(s.namespace, own));
    expect(await s.api.find(path(s.namespace, own))).toBeUndefined();
  });

  test.each([...others])('A21: %s is not made, not even with the label', async (name) => {
    await expectRefused(thief.create(collection(), manifest(name)), 'may write only ConfigMaps named');
    expect(await s.api.find(path(s.namespace, name))).toBeUndefined();
  });

  test.each([...others])('A21: %s of another is not deleted, not even with the label', async (name) => {
    await s.api.create(collection(), manifest(name));
    await expectRefused(thief.delete(path(s.namespace, name)), 'may write only ConfigMaps named');
    expect(await s.api.find(path(s.namespace, name))).toBeDefined();
  });

  test('A21: without the label it is not made', async () => {
    await expectRefused(thief.create(collection(), manifest(own, {})), 'or now gets, the label');
    await expectRefused(
      thief.create(collection(), manifest(own, { 'app.kubernetes.io/managed-by': 'Helm' })),
      'or now gets, the label',
    );
  });

  test('A21: without the label it is not deleted', async () => {
    await s.api.create(collection(), manifest(own, {}));
    await expectRefused(thief.delete(path(s.namespace, own)), 'or now gets, the label');
    await s.api.delete(path(s.namespace, own));
  });
});

describe('A21: an update of a ConfigMap', () => {
  const path = (name: string) => configMaps(s.namespace, name);

  test('A21: one of another name is not changed', async () => {
    await s.api.create(configMaps(s.namespace), configMap('settings'));
    await expectRefused(
      thief.mergePatch(path('settings'), { data: { policy: 'y' } }),
      'may write only ConfigMaps named',
    );
  });

  test('A21: the label may be put on, and neither be left out nor taken off', async () => {
    await s.api.create(configMaps(s.namespace), configMap('b-audit-policy', {}));
    await expectRefused(
      thief.mergePatch(path('b-audit-policy'), { data: { policy: 'y' } }),
      'or now gets, the label',
    );
    await thief.mergePatch(path('b-audit-policy'), { metadata: { labels: OURS } });
    await expectRefused(
      thief.mergePatch(path('b-audit-policy'), { metadata: { labels: null } }),
      'or now gets, the label',
    );
  });

  test('others write as they like', async () => {
    await s.api.create(configMaps(s.namespace), configMap('theirs', {}));
    const after = await s.api.mergePatch(path('theirs'), { data: { policy: 'y' } });
    expect(after.data).toEqual({ policy: 'y' });
    await s.api.delete(path('theirs'));
  });
});

describe('A21: a HelmRelease', () => {
  const path = (name = 'c') => helmReleases(s.namespace, name);
  const VALUES = 'nothing in the values of a HelmRelease but audit.policyRef';
  const SPEC = 'nothing in the spec of a HelmRelease but';
  const AUDIT = 'nothing of the audit values of a HelmRelease but policyRef';
  const METADATA = 'may not change the metadata';

  test.each<[string, object, string]>([
    ['a label', { metadata: { labels: { a: 'b' } } }, METADATA],
    ['no annotations', { metadata: { annotations: { a: 'b' } } }, METADATA],
    ['a finalizer', { metadata: { finalizers: ['example.com/keep'] } }, METADATA],
    [
      'an owner',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }] } },
      METADATA,
    ],
    ['suspend', { spec: { suspend: true } }, SPEC],
    ['the chart', { spec: { chartRef: { name: 'evil' } } }, SPEC],
    ['the interval', { spec: { interval: '1s' } }, SPEC],
    ['a ServiceAccount to work as', { spec: { serviceAccountName: 'cluster-admin' } }, SPEC],
    ['another cluster', { spec: { kubeConfig: { secretRef: { name: 'x' } } } }, SPEC],
    ['post-renderers', { spec: { postRenderers: [] } }, SPEC],
    ['valuesFrom', { spec: { valuesFrom: [{ kind: 'Secret', name: 'x' }] } }, SPEC],
    ['a value', { spec: { values: { replicas: 0 } } }, VALUES],
    ['a new value', { spec: { values: { image: 'evil' } } }, VALUES],
    ['a value less', { spec: { values: { replicas: null } } }, VALUES],
    ['a value deep down', { spec: { values: { nested: { list: [1, { a: 'c' }] } } } }, VALUES],
    ['no values at all', { spec: { values: null } }, VALUES],
    ['an audit value', { spec: { values: { audit: { logMaxAge: 0 } } } }, AUDIT],
    ['a new audit value', { spec: { values: { audit: { enabled: false } } } }, AUDIT],
    ['an audit value less', { spec: { values: { audit: { logMaxAge: null } } } }, AUDIT],
    ['no audit values at all', { spec: { values: { audit: null } } }, AUDIT],
    [
      'the ConfigMap of another',
      { spec: { values: { audit: { policyRef: { name: 'd-audit-policy' } } } } },
      '"<name>-audit-policy"',
    ],
    [
      'the reference and a value',
      { spec: { values: { replicas: 0, audit: { policyRef: { hash: '00000000' } } } } },
      VALUES,
    ],
  ])('A21: refused: %s', async (_, patch, message) => {
    const before = await s.api.get(path());
    await expectRefused(thief.mergePatch(path(), patch), message);
    expect((await s.api.get(path())).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  const policyRef = { name: 'c-audit-policy', key: 'policy', hash: '61d03756' };
  const apply = (name: string, values: object): Promise<KubeObject> =>
    thief.apply(
      path(name),
      { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata: { name }, spec: { values } },
      { fieldManager: 'audit-policy-operator' },
    );

  test('allowed: the reference, by server-side apply, over values of every emptiness', async () => {
    await apply('c', { audit: { policyRef } });
    const empty: [string, object][] = [
      ['no-values', {}],
      ['empty-values', { values: {} }],
      ['null-values', { values: null }],
      ['null-audit', { values: { audit: null, other: 1 } }],
      ['empty-audit', { values: { audit: {} } }],
    ];
    for (const [name, spec] of empty) {
      await s.fleet.createRelease(name, undefined, spec as Record<string, unknown>);
      const reference = { ...policyRef, name: `${name}-audit-policy` };
      await thief.mergePatch(path(name), { spec: { values: { audit: { policyRef: reference } } } });
      const after = await thief.jsonPatch(path(name), [
        { op: 'remove', path: '/spec/values/audit/policyRef' },
      ]);
      expect(after.spec?.values).toMatchObject({ audit: {} });
    }
  });

  test('allowed: clearing, by an apply that names nothing and by a JSON patch', async () => {
    await apply('c', { audit: { policyRef } });
    await apply('c', {});
    await s.api.mergePatch(path(), { spec: { values: { audit: { policyRef } } } });
    await thief.jsonPatch(path(), [{ op: 'remove', path: '/spec/values/audit/policyRef' }]);
    expect((await s.fleet.release('c')).spec?.values).toEqual({
      audit: { logMaxAge: 7 },
      replicas: 3,
      nested: { list: [1, { a: 'b' }] },
    });
  });

  test('A21: with more rights than it has, it could neither make nor delete one', async () => {
    const metadata = { name: 'more-rights' };
    await s.api.create(roles(s.namespace), {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        {
          apiGroups: ['helm.toolkit.fluxcd.io'],
          resources: ['helmreleases'],
          verbs: ['create', 'delete'],
        },
      ],
    });
    await s.api.create(roleBindings(s.namespace), {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'more-rights' },
      subjects: [{ kind: 'ServiceAccount', name: OPERATOR_NAME, namespace: OPERATOR_NAMESPACE }],
    });
    await eventually(() => expectRefused(thief.delete(path()), 'neither create nor delete'));
    await expectRefused(
      thief.create(helmReleases(s.namespace), releaseManifest('new')),
      'neither create nor delete',
    );
  });
});
