import fc from 'fast-check';
import { isObjectName } from '../../src/api/names.ts';
import { ApiError } from '../support/api.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { eventually } from '../support/eventually.ts';
import {
  auditPolicies,
  capiClusters,
  clusterDeployments,
  configMaps,
  helmReleases,
} from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';

/** Names and references that try to be more than a name in one namespace. */
let s: Scenario;
let other: string;
beforeAll(async () => {
  s = await Scenario.start('attacks-names');
  other = await createNamespace(s.api, 'attacks-names-other');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
  const policy = await s.api.get(auditPolicies(s.namespace, 'metadata'));
  const { apiVersion, kind, spec } = policy;
  await s.api.create(auditPolicies(other), { apiVersion, kind, metadata: { name: 'secret' }, spec });
});
afterAll(() => s.stop());

const METADATA_HASH = 'da099788';
const REQUEST_HASH = '61d03756';
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Every path that the operator has asked for is a collection, or an object or status of our namespace with a proper name. */
function expectOwnPaths(): void {
  const paths = [...new Set(s.operator.exchanges.map(({ path }) => path))];
  expect(paths.length).toBeGreaterThan(10);
  const own = new RegExp(
    `^/apis?(?:/[a-z0-9.]+)?/v[a-z0-9]+/namespaces/${s.namespace}/[a-z]+(?:/([^/]+)(?:/status)?)?$`,
  );
  const crds = /^\/apis\/apiextensions\.k8s\.io\/v1\/customresourcedefinitions$/;
  const strange = paths
    .filter((path) => !crds.test(path))
    .filter((path) => {
      const [whole, name] = own.exec(path) ?? [];
      return whole === undefined || (name !== undefined && !NAME.test(name));
    });
  expect(strange).toEqual([]);
}

describe('A5: a reference that is no plain name', () => {
  const REFERENCES = [
    'other/secret',
    '../metadata',
    '../../default/clusterauditpolicies/metadata',
    '..',
    '.',
    '%2e%2e',
    '..%2fmetadata',
    '/api/v1/secrets',
    'metadata/status',
    'metadata?watch=true',
    'metadata#',
    ' metadata',
    'metadata ',
    'metadata\n',
    'Metadata',
    'm\u0435tadata',
    'metad\u200bata',
    '\u202eatadatem',
    'metadata\u0000',
    'a'.repeat(254),
    'x/'.repeat(50_000),
  ];

  test('A5: each is refused by the controller alone, in words, and nothing is asked for by it', async () => {
    const names = REFERENCES.map((_, i) => `reference-${i}`);
    await Promise.all(names.map((name) => s.fleet.createRelease(name)));
    for (const [i, reference] of REFERENCES.entries()) {
      const auditPolicy = reference.replace('other/', `${other}/`);
      await s.fleet.createDeployment(`reference-${i}`, { auditPolicy });
    }
    for (const name of names) {
      const message = await s.waitFor(
        name,
        'False',
        'InvalidReference',
        'plain name of a ClusterAuditPolicy',
      );
      expect(message).toMatch(/^[\x20-\x7e]{1,700}$/);
      expect(await s.configMap(name)).toBeUndefined();
      expect(await s.hash(name)).toBeUndefined();
    }
    expect(await s.api.list(configMaps(other))).toEqual([]);
    expectOwnPaths();
  });

  test('A5: an empty one is none', async () => {
    await s.deliver('empty', 'metadata');
    await s.fleet.setReference('empty', '');
    await s.waitForNoCondition('empty');
    expect(await s.hash('empty')).toBeUndefined();
  });

  test('A5: what is in place stays when the reference becomes one', async () => {
    await s.deliver('turned', 'metadata');
    await s.fleet.setReference('turned', `../${other}/secret`);
    await s.waitFor('turned', 'False', 'InvalidReference', `What is in place stays: hash ${METADATA_HASH}.`);
    await s.api.mergePatch(configMaps(s.namespace, 'turned-audit-policy'), { data: { policy: 'x' } });
    await s.waitForContent('turned', 'level: Metadata');
    expectOwnPaths();
  });

  test('A5: a policy of that name in another namespace is not found', async () => {
    await s.fleet.createRelease('elsewhere');
    await s.fleet.createDeployment('elsewhere', { auditPolicy: 'secret' });
    await s.waitFor('elsewhere', 'False', 'PolicyNotFound', `does not exist in namespace "${s.namespace}"`);
  });
});

describe('A9: names at their limits', () => {
  const long = (length: number) => `${'a'.repeat(62)}.`.repeat(5).slice(0, length - 1) + 'z';

  test.each([239, 240])('A9: a ClusterDeployment of %i characters', async (length) => {
    const name = long(length);
    await s.deliver(name, 'metadata');
    expect((await s.configMap(name))?.metadata.name).toHaveLength(length + '-audit-policy'.length);
    expect(await s.hash(name)).toBe(METADATA_HASH);
    await s.waitForEvents(name, ['Normal AuditPolicyConfigMapCreated']);
    await s.fleet.setReference(name, null);
    await s.waitForNoCondition(name);
    expect(await s.hash(name)).toBeUndefined();
  });

  test.each([241, 253])('A9: one of %i characters, whose ConfigMap could have no name', async (length) => {
    const name = long(length);
    await s.fleet.createRelease(name);
    await s.fleet.createDeployment(name, { auditPolicy: 'metadata' });
    await s.waitFor(name, 'False', 'InvalidReference', `would have ${length + 13} characters`);
    expect(await s.hash(name)).toBeUndefined();
    await s.waitForEvents(name, ['Warning ClusterAuditPolicyError']);
  });

  test('A9: a policy of 253 characters', async () => {
    await s.fleet.createPolicy(long(253), METADATA_RULES);
    await s.deliver('long-policy', long(253));
    expect((await s.configMap('long-policy'))?.metadata.annotations?.['auditpolicy.dev/policy']).toBe(
      long(253),
    );
  });

  test('A9: a label value of 63 characters leads to its Cluster; a longer name has none, and another owner', async () => {
    const name = 'l'.repeat(63);
    await s.deliver(name, 'metadata');
    const cluster = await s.api.create(capiClusters(s.namespace), {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'Cluster',
      metadata: { name: 'labelled', labels: { 'helm.toolkit.fluxcd.io/name': name } },
      spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
    });
    const ownerUids = async (deployment: string) =>
      (await s.configMap(deployment))?.metadata.ownerReferences?.map(({ uid }) => uid);
    await eventually(async () => expect(await ownerUids(name)).toEqual([cluster.metadata.uid]));
    await s.deliver(`${name}l`, 'metadata');
    expect(await ownerUids(`${name}l`)).toEqual([(await s.fleet.release(`${name}l`)).metadata.uid]);
  });

  test('A9: what the controller takes for a name is what the API server takes', async () => {
    const segment = fc.string({ unit: fc.constantFrom('a', 'z', '0', '9', '-'), minLength: 1, maxLength: 8 });
    const dotted = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
    const odd = fc.string({
      unit: fc.constantFrom('a', '0', '-', '.', 'A', '_', '/', '\u0430', '\uff0e'),
      minLength: 1,
      maxLength: 6,
    });
    const atLimit = fc.integer({ min: 250, max: 256 }).map((length) => 'n'.repeat(length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(dotted, odd, atLimit), async (name) => {
        const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
        const taken = await s.api.create(configMaps(other), body, { dryRun: true }).then(
          () => true,
          (error: unknown) => {
            if (error instanceof ApiError && error.status === 422) return false;
            throw error;
          },
        );
        expect(isObjectName(name)).toBe(taken);
      }),
      { numRuns: 200 },
    );
  });
});

describe('A10: names that lead to one another', () => {
  const PAIR = ['a', 'a-audit-policy', 'a-audit-policy-audit-policy'];
  const stored = (name: string) => s.api.find(configMaps(s.namespace, name));

  test('A10: each of a chain of clusters has a ConfigMap of its own, and keeps it when its neighbour is cleared', async () => {
    for (const [i, name] of PAIR.entries()) await s.deliver(name, i === 1 ? 'request' : 'metadata');
    const uids = await Promise.all(PAIR.map(async (name) => (await s.configMap(name))?.metadata.uid));
    expect(new Set(uids).size).toBe(3);
    expect(await Promise.all(PAIR.map((name) => s.hash(name)))).toEqual([
      METADATA_HASH,
      REQUEST_HASH,
      METADATA_HASH,
    ]);
    await s.restartOperator({ settings: { configMapRetentionMs: 1 } });
    await s.fleet.setReference('a-audit-policy', null);
    await eventually(async () => expect(await stored('a-audit-policy-audit-policy')).toBeUndefined());
    await s.settledWrites();
    expect((await stored('a-audit-policy'))?.metadata.uid).toBe(uids[0]);
    expect((await stored('a-audit-policy-audit-policy-audit-policy'))?.metadata.uid).toBe(uids[2]);
    expect(await s.hash('a')).toBe(METADATA_HASH);
    await s.restartOperator();
  });

  test('A10: values that name the ConfigMap of another cluster are none of ours', async () => {
    await s.deliver('victim', 'metadata');
    const before = await s.configMap('victim');
    const policyRef = { name: 'victim-audit-policy', key: 'policy', hash: METADATA_HASH };
    await s.fleet.createRelease('thief', { audit: { policyRef } });
    await s.fleet.createDeployment('thief', { auditPolicy: 'request' });
    await s.waitFor('thief', 'False', 'FieldConflict');
    await s.api.delete(clusterDeployments(s.namespace, 'thief'));
    await s.api.delete(helmReleases(s.namespace, 'thief'));
    await s.settledWrites();
    expect((await s.configMap('victim'))?.metadata).toEqual(before?.metadata);
    expect(await s.configMap('thief')).toBeUndefined();
  });

  test('A10: a ConfigMap that is foreign to one name is not found by the other', async () => {
    const name = 'b-audit-policy-audit-policy';
    const before = await s.api.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { policy: 'theirs' },
    });
    await s.deliver('b', 'metadata');
    await s.fleet.createRelease('b-audit-policy');
    await s.fleet.createDeployment('b-audit-policy', { auditPolicy: 'metadata' });
    await s.waitFor('b-audit-policy', 'False', 'NameConflict', `"${name}"`);
    expect((await stored(name))?.metadata).toEqual(before.metadata);
    expect(await s.hash('b')).toBe(METADATA_HASH);
  });
});
