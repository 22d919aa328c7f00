import {
  appliesPolicyRef,
  contentOf,
  foreignOwners,
  hasRightMetadata,
  holdsExactly,
  isDelivered,
  ownership,
  policyRefInPlace,
} from '../../../src/plan/in-place.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  configMap,
  delivered,
  helmRelease,
  observed,
  policy,
  without,
  type ConfigMapParts,
} from './fixtures.ts';

const wanted = accepted(policy());
const other = accepted(policy([{ level: 'Request' }]));
const KCM = { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' };
/** The values name this content, as KCM left them. */
const named = (hash: string, parts: Partial<Observed> = {}) =>
  observed({ helmRelease: delivered(hash, { owners: [KCM] }), ...parts });
const BARE = { labels: {}, annotations: {} };
const OF_KCM = { labels: { 'k0rdent.mirantis.com/managed': 'true' }, annotations: {} };
const OF_ANOTHER = { annotations: { 'auditpolicy.dev/cluster-deployment-uid': 'another' } };

describe('policyRefInPlace: a reference of the form that k0rdent fixes, or none', () => {
  const ref = { name: 'c-audit-policy', key: 'policy', hash: 'da099788' };
  const read = (policyRef?: object) =>
    policyRefInPlace(observed({ helmRelease: helmRelease({ values: { audit: { policyRef } } }) }));

  test('it', () => expect(read(ref)).toMatchObject(ref));
  test.each([
    ['another name', { ...ref, name: 'd-audit-policy' }],
    ['another key', { ...ref, key: 'policy.yaml' }],
    ['no hash', { name: ref.name, key: ref.key }],
    ['an empty hash', { ...ref, hash: '' }],
    ['a hash that is too long', { ...ref, hash: 'da0997881' }],
    ['a hash with something before it', { ...ref, hash: 'xda099788' }],
    ['a hash of another form', { ...ref, hash: 'DA099788' }],
    ['nothing', undefined],
  ])('%s', (_case, policyRef) => expect(read(policyRef)).toBeUndefined());
  test('no HelmRelease', () => expect(policyRefInPlace(without(observed(), 'helmRelease'))).toBeUndefined());
});

describe('appliesPolicyRef: we wrote it, by server-side apply', () => {
  const applied = (manager: string, operation: string) =>
    appliesPolicyRef(helmRelease({ owners: [{ manager, operation, time: '2026-11-01T00:00:00Z' }] }));
  test('ours', () => expect(applied('audit-policy-operator', 'Apply')).toBe(true));
  test('ours, but by an update', () => expect(applied('audit-policy-operator', 'Update')).toBe(false));
  test('of another', () => expect(applied('helm', 'Apply')).toBe(false));
});

test('foreignOwners: all but the kinds that mount the policy', () => {
  const owner = (apiVersion: string, kind: string) => ({
    apiVersion,
    kind,
    name: `${kind}.${apiVersion}`,
    uid: 'u',
  });
  const ours = [
    owner('helm.toolkit.fluxcd.io/v2', 'HelmRelease'),
    owner('cluster.x-k8s.io/v1beta2', 'Cluster'),
  ];
  const theirs = [
    owner('v1', 'ConfigMap'),
    owner('helm.toolkit.fluxcd.io/v2', 'Other'),
    owner('example.org/v1', 'HelmRelease'),
    owner('cluster.x-k8s.io/v1beta2', 'Machine'),
    owner('example.org/v1', 'Cluster'),
  ];
  const found = configMap(wanted, { metadata: { ownerReferences: [...ours, ...theirs] } });
  expect(foreignOwners(found).map(({ raw }) => raw)).toEqual(theirs);
});

describe('contentOf: the content behind a hash', () => {
  test('the policy named now, which needs no reading back', () =>
    expect(contentOf(wanted.hash, observed())).toStrictEqual({ sha256: wanted.sha256, yaml: wanted.yaml }));
  test('the same, kept already', () =>
    expect(contentOf(wanted.hash, observed({ keptRevisions: [wanted.sha256] }))).toStrictEqual({
      sha256: wanted.sha256,
      yaml: wanted.yaml,
    }));
  test('a kept revision', () =>
    expect(contentOf(other.hash, observed({ keptRevisions: [wanted.sha256, other.sha256] }))).toStrictEqual({
      sha256: other.sha256,
      fromRevision: true,
    }));
  test('what was kept under the hash counts, not another content with the same short hash', () => {
    const twin = wanted.hash.padEnd(64, '0');
    expect(contentOf(wanted.hash, observed({ keptRevisions: [twin] }))).toStrictEqual({
      sha256: twin,
      fromRevision: true,
    });
  });
  test('nobody has it', () =>
    expect(contentOf(other.hash, observed({ keptRevisions: [wanted.sha256] }))).toBeUndefined());
});

describe('ownership', () => {
  const rows: [string, ConfigMapParts, typeof wanted, Observed, string][] = [
    [
      'label and uid, on bytes that we have kept',
      {},
      other,
      observed({ keptRevisions: [other.sha256] }),
      'ours',
    ],
    ['label and uid, on bytes that nobody knows', {}, other, observed(), 'foreign'],
    ['label and uid, and the values name it', {}, other, named(wanted.hash), 'ours'],
    [
      'our label on kept bytes, of another uid',
      OF_ANOTHER,
      other,
      observed({ keptRevisions: [other.sha256] }),
      'foreign',
    ],
    ['label and the wanted bytes', OF_ANOTHER, wanted, observed(), 'ours'],
    ['label and the bytes in place', OF_ANOTHER, other, named(other.hash), 'ours'],
    ['label and other bytes than those in place', OF_ANOTHER, other, named(wanted.hash), 'foreign'],
    ['label alone', OF_ANOTHER, other, observed(), 'foreign'],
    ['label, and no policy in it', { ...OF_ANOTHER, data: {} }, other, named(other.hash), 'foreign'],
    ['no label, though the uid is right', { labels: {} }, wanted, observed(), 'foreign'],
    ['in place and wanted, left by KCM', BARE, wanted, named(wanted.hash), 'adoptable'],
    ['wanted, with the label of KCM', OF_KCM, wanted, observed(), 'adoptable'],
    ['wanted, but nobody says that KCM made it', BARE, wanted, observed(), 'foreign'],
    ['wanted, but another is in place', BARE, wanted, named(other.hash), 'foreign'],
    ['of KCM, but not what is wanted', OF_KCM, other, named(other.hash), 'foreign'],
    [
      'of KCM, with a key more',
      { ...OF_KCM, data: { policy: wanted.yaml, more: 'x' } },
      wanted,
      named(wanted.hash),
      'foreign',
    ],
    ['of KCM, and no policy in it', { ...OF_KCM, data: {} }, wanted, observed(), 'foreign'],
    [
      'of KCM, no policy in it and none wanted',
      { ...OF_KCM, data: {} },
      wanted,
      without(observed(), 'policy'),
      'foreign',
    ],
    ['in place, and no policy in it', { ...BARE, data: {} }, wanted, named(wanted.hash), 'foreign'],
  ];
  test.each(rows)('%s', (_case, parts, content, given, expected) =>
    expect(ownership(configMap(content, parts), given)).toBe(expected),
  );
  test('of KCM, with a binary key more', () => {
    const found = { ...configMap(wanted, OF_KCM), extraBinaryKeys: ['more'] };
    expect(ownership(found, named(wanted.hash))).toBe('foreign');
  });
});

test('holdsExactly: these bytes, and no key beside them', () => {
  const right = configMap(wanted);
  expect(holdsExactly(right, wanted.sha256)).toBe(true);
  expect(holdsExactly(right, other.sha256)).toBe(false);
  expect(holdsExactly({ ...right, extraKeys: ['x'] }, wanted.sha256)).toBe(false);
  expect(holdsExactly({ ...right, extraBinaryKeys: ['x'] }, wanted.sha256)).toBe(false);
});

describe('hasRightMetadata', () => {
  const owner = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'hr-uid' };
  const check = (parts: ConfigMapParts) =>
    hasRightMetadata(configMap(wanted, parts), wanted.sha256, owner, observed());

  test('all of it', () => expect(check({})).toBe(true));
  test.each<[string, ConfigMapParts]>([
    ['no label', { labels: {} }],
    ['another deployment', OF_ANOTHER],
    ['another digest', { annotations: { 'auditpolicy.dev/sha256': other.sha256 } }],
    ['marked as released', { annotations: { 'auditpolicy.dev/released-at': '2026-11-01T00:00:00Z' } }],
    ['no owner', { metadata: { ownerReferences: [] } }],
    ['an owner that is gone', { metadata: { ownerReferences: [{ ...owner, uid: 'old' }] } }],
    ['an owner of another name', { metadata: { ownerReferences: [{ ...owner, name: 'd' }] } }],
    [
      'an owner of no version',
      { metadata: { ownerReferences: [{ ...owner, apiVersion: 'helm.toolkit.fluxcd.io/v9' }] } },
    ],
    ['a controlling owner', { metadata: { ownerReferences: [{ ...owner, controller: true }] } }],
    ['an owner held up', { metadata: { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] } }],
    ['an old owner beside it', { metadata: { ownerReferences: [owner, { ...owner, uid: 'old' }] } }],
  ])('%s', (_case, parts) => expect(check(parts)).toBe(false));
});

describe('isDelivered: ConfigMap and values have what is wanted', () => {
  const right = observed({ helmRelease: delivered(wanted.hash), configMap: configMap(wanted) });
  test('both', () => expect(isDelivered(right)).toBe(true));
  test.each<[string, Observed]>([
    ['no ConfigMap', without(right, 'configMap')],
    ['no policy', without(right, 'policy')],
    ['other values', { ...right, helmRelease: delivered(other.hash) }],
    ['other bytes', { ...right, configMap: configMap(other) }],
    ['another policy is wanted', { ...right, policy: policy([{ level: 'Request' }]) }],
    ['a refused policy is wanted', { ...right, policy: policy([]) }],
  ])('not with %s', (_case, given) => expect(isDelivered(given)).toBe(false));
});
