import {
  areLeftBehind,
  nameOwners,
  otherOwners,
  ownersInTheWay,
} from '../../../src/plan/policy-ref-owners.ts';
import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import type { Observed } from '../../../src/plan/types.ts';
import { accepted, configMap, delivered, helmRelease, observed, policy, without } from './fixtures.ts';

const content = accepted(policy());
const other = accepted(policy([{ level: 'Request' }]));
const REF = { name: 'c-audit-policy', key: 'policy', hash: content.hash };

/** A release whose reference is `policyRef`; each manager owns these keys of it. */
function owned(policyRef: object | undefined, owners: Record<string, string[]>) {
  const managedFields = Object.entries(owners).map(([manager, keys]) => ({
    manager,
    operation: 'Update',
    time: '2026-10-01T00:00:00Z',
    fieldsV1: {
      'f:spec': {
        'f:values': {
          'f:audit': { 'f:policyRef': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
        },
      },
    },
  }));
  return readHelmRelease({
    metadata: { name: 'c', namespace: 'ns', managedFields },
    spec: { values: { audit: policyRef === undefined ? {} : { policyRef } } },
  });
}
const names = (owners: readonly { manager: string }[]) => owners.map(({ manager }) => manager);

describe('ownersInTheWay: whose keys would change', () => {
  test.each<[string, object | undefined, Record<string, string[]>, string, string[]]>([
    ['nobody owns anything', undefined, {}, content.hash, []],
    ['all is right already', REF, { a: ['name', 'key', 'hash'] }, content.hash, []],
    ['another hash, which one of them owns', REF, { a: ['name', 'key'], b: ['hash'] }, other.hash, ['b']],
    ['another name', { ...REF, name: 'x' }, { a: ['name'], b: ['hash', 'key'] }, content.hash, ['a']],
    ['another key', { ...REF, key: 'x' }, { a: ['name', 'hash'], b: ['key'] }, content.hash, ['b']],
    ['our own keys are no obstacle', REF, { 'audit-policy-operator': ['hash'] }, other.hash, []],
    ['several', { ...REF, key: 'x' }, { a: ['hash'], b: ['key'], c: ['name'] }, other.hash, ['a', 'b']],
    ['a key that is not ours to set', REF, { a: ['more'] }, other.hash, []],
  ])('%s', (_case, policyRef, owners, hash, expected) =>
    expect(names(ownersInTheWay(owned(policyRef, owners), hash))).toEqual(expected),
  );
});

describe('areLeftBehind', () => {
  const KCM = { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' };
  const left = observed({
    helmRelease: delivered(content.hash, { owners: [KCM] }),
    configMap: configMap(content, { labels: {}, annotations: {} }),
  });
  const check = (given: Observed) => areLeftBehind(given, otherOwners(given.helmRelease ?? helmRelease()));
  const values = (policyRef: object) => helmRelease({ values: { audit: { policyRef } }, owners: [KCM] });

  test('keys that an update wrote, with what the ConfigMap holds', () => expect(check(left)).toBe(true));
  test.each([
    ['the ConfigMap is ready for other values, and the release is as it was then', 'hr-uid/1', true],
    ['the release has changed since', 'hr-uid/0', false],
    ['it was made ready for an earlier release of this name', 'old-uid/1', false],
    ['nothing tells', 'x', false],
  ])('%s', (_case, before, expected) => {
    const annotations = {
      'auditpolicy.dev/helmrelease-before': before,
      'auditpolicy.dev/cluster-deployment-uid': 'cd-uid',
    };
    expect(check({ ...left, configMap: configMap(other, { annotations }) })).toBe(expected);
  });
  test.each<[string, Observed]>([
    [
      'one of them applies',
      {
        ...left,
        helmRelease: delivered(content.hash, { owners: [KCM, { ...KCM, operation: 'Apply', manager: 'x' }] }),
      },
    ],
    ['a key more', { ...left, helmRelease: values({ ...REF, more: 'x' }) }],
    ['another hash than the content', { ...left, helmRelease: delivered(other.hash, { owners: [KCM] }) }],
    ['another content that is ours', { ...left, configMap: configMap(other) }],
    ['ours, and empty', { ...left, configMap: configMap(content, { data: {} }) }],
    ['a ConfigMap that is nobody’s', { ...left, policy: policy([{ level: 'None' }]) }],
    ['another ConfigMap', { ...left, helmRelease: values({ ...REF, name: 'x' }) }],
    ['no ConfigMap', without(left, 'configMap')],
    ['no HelmRelease', without(left, 'helmRelease')],
  ])('not with %s', (_case, given) => expect(check(given)).toBe(false));
});

test('names for a message: each once, quoted', () => {
  const owner = (manager: string) => ({ manager, applies: false, keys: [], timeMs: 0 });
  expect(nameOwners([owner('b'), owner('a'), owner('b')])).toBe('"b", "a"');
});
