import {
  configMapBody,
  configMapPatch,
  configMapReset,
  policyRefApply,
  policyRefRelease,
  policyRefRemoval,
  releasedPatch,
  revisionBody,
  unfinalizedPatch,
} from '../../../src/plan/manifests.ts';
import { accepted, configMap, delivered, deployment, policy } from './fixtures.ts';

/** Every body as it goes over the wire, whole: these bytes are the contract with Flux, k0rdent and the user. */

const content = accepted(policy());
const { yaml, sha256, hash } = content;
const owner = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'hr-uid' };
const labels = { 'app.kubernetes.io/managed-by': 'audit-policy-operator' };
const annotations = {
  'auditpolicy.dev/cluster-deployment-uid': 'cd-uid',
  'auditpolicy.dev/policy': 'p',
  'auditpolicy.dev/sha256': sha256,
};
const wanted = { yaml, sha256, owner, policy: 'p' };

describe('the ConfigMap', () => {
  test('new', () =>
    expect(configMapBody(deployment(), wanted)).toStrictEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c-audit-policy', namespace: 'ns', labels, annotations, ownerReferences: [owner] },
      data: { policy: yaml },
    }));

  test('from files, where nothing has a uid', () => {
    const { metadata } = configMapBody(
      { ...deployment(), uid: '' },
      { yaml, sha256, owner: { ...owner, uid: '' } },
    ) as {
      metadata: object;
    };
    expect(metadata).toStrictEqual({
      name: 'c-audit-policy',
      namespace: 'ns',
      labels,
      annotations: { 'auditpolicy.dev/sha256': sha256 },
    });
  });

  const patched = {
    resourceVersion: '30',
    labels,
    annotations: {
      ...annotations,
      'auditpolicy.dev/released-at': null,
      'auditpolicy.dev/reverted': null,
    },
    ownerReferences: [owner],
  };
  test.each([
    ['only its metadata are wrong', configMap(content), {}],
    ['other bytes', configMap(content, { data: { policy: 'x' } }), { data: { policy: yaml } }],
    [
      'a key of another',
      configMap(content, { data: { policy: yaml, b: 'x' } }),
      { data: { policy: yaml, b: null } },
    ],
    ['no data', configMap(content, { data: {} }), { data: { policy: yaml } }],
  ])('mended: %s', (_case, found, rest) =>
    expect(configMapPatch(found, deployment(), wanted)).toStrictEqual({
      metadata: patched,
      ...rest,
    }),
  );
  test('mended: binary keys of another', () => {
    const found = { ...configMap(content), extraBinaryKeys: ['a', 'b'] };
    expect(configMapPatch(found, deployment(), wanted)).toStrictEqual({
      metadata: patched,
      binaryData: { a: null, b: null },
    });
  });

  test('mended: owners that others put there stay, an old one of ours goes', () => {
    const theirs = { apiVersion: 'v1', kind: 'Secret', name: 's', uid: 'x', controller: true };
    const found = configMap(content, { metadata: { ownerReferences: [{ ...owner, uid: 'old' }, theirs] } });
    expect(configMapPatch(found, deployment(), wanted)).toStrictEqual({
      metadata: { ...patched, ownerReferences: [theirs, owner] },
    });
  });
  test('mended: the count of reverts', () => {
    const reverts = { helmReleaseUid: 'hr-uid', count: 2 };
    expect(configMapPatch(configMap(content), deployment(), { ...wanted, reverts })).toMatchObject({
      metadata: { annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' } },
    });
  });

  test('made anew: the count of reverts', () => {
    const reverts = { helmReleaseUid: 'hr-uid', count: 2 };
    expect(configMapBody(deployment(), { ...wanted, reverts })).toMatchObject({
      metadata: { annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' } },
    });
  });

  test('reset: nothing of others is left', () => {
    const found = { ...configMap(content), extraBinaryKeys: ['x'] };
    const reset = [
      { op: 'replace', path: '/metadata/resourceVersion', value: '30' },
      { op: 'add', path: '/metadata/labels', value: labels },
      { op: 'add', path: '/metadata/annotations', value: annotations },
      { op: 'add', path: '/metadata/ownerReferences', value: [owner] },
      { op: 'add', path: '/data', value: { policy: yaml } },
    ];
    expect(configMapReset(configMap(content), deployment(), wanted)).toStrictEqual(reset);
    expect(configMapReset(found, deployment(), wanted)).toStrictEqual([
      ...reset,
      { op: 'remove', path: '/binaryData' },
    ]);
    const reverts = { helmReleaseUid: 'hr-uid', count: 2 };
    const counted = configMapReset(found, deployment(), { ...wanted, reverts });
    expect(counted).toContainEqual({
      op: 'add',
      path: '/metadata/annotations',
      value: { ...annotations, 'auditpolicy.dev/reverted': 'hr-uid/2' },
    });
  });

  test('without finalizers: only the one that was read', () =>
    expect(unfinalizedPatch(configMap(content))).toStrictEqual({
      metadata: { uid: configMap(content).uid, finalizers: null },
    }));

  test('released: the mark, whose it is and who gave it up, on what was read', () =>
    expect(releasedPatch(configMap(content), deployment(), '2026-11-01T12:00:00Z')).toStrictEqual({
      metadata: {
        resourceVersion: '30',
        labels,
        annotations: {
          'auditpolicy.dev/cluster-deployment-uid': 'cd-uid',
          'auditpolicy.dev/released-at': '2026-11-01T12:00:00Z',
        },
      },
    }));
});

describe('the reference in the HelmRelease', () => {
  const identity = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' };
  const metadata = { name: 'c', namespace: 'ns', uid: 'hr-uid' };
  const release = delivered(hash);

  test('set: three keys and the uid, nothing else', () =>
    expect(policyRefApply(release, hash)).toStrictEqual({
      ...identity,
      metadata,
      spec: { values: { audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash } } } },
    }));
  test('set on exactly what was read', () =>
    expect(policyRefApply(release, hash, '20')).toMatchObject({
      metadata: { ...metadata, resourceVersion: '20' },
    }));
  test('from files, without a uid', () =>
    expect(policyRefRelease({ ...release, uid: '' })).toStrictEqual({
      ...identity,
      metadata: { name: 'c', namespace: 'ns' },
    }));
  test('given back: no key is named', () =>
    expect(policyRefRelease(release)).toStrictEqual({ ...identity, metadata }));
  test('removed where another left it: only what was seen', () =>
    expect(policyRefRemoval(release)).toStrictEqual([
      { op: 'test', path: '/metadata/uid', value: 'hr-uid' },
      { op: 'test', path: '/metadata/resourceVersion', value: '20' },
      {
        op: 'test',
        path: '/spec/values/audit/policyRef',
        value: { name: 'c-audit-policy', key: 'policy', hash },
      },
      { op: 'remove', path: '/spec/values/audit/policyRef' },
    ]));
});

test('the kept revision: named by the whole digest, found by the short hash, owned by nobody', () =>
  expect(revisionBody('ns', sha256, yaml)).toStrictEqual({
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `audit-policy-${sha256}`,
      namespace: 'ns',
      labels: { ...labels, 'auditpolicy.dev/hash': hash },
    },
    data: { policy: yaml },
    revision: 1,
  }));
