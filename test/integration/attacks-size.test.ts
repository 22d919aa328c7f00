import { MAX_KEPT_BYTES } from '../../src/policy/content.ts';
import { REQUEST_RULES } from '../support/fleet.ts';
import { auditPolicies, configMaps, controllerRevisions } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';
import { rulesOfJsonSize, rulesOfSize } from '../support/sized-policy.ts';

/** Policies that fit into their own object, and not into what they have to be put into. */
let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('attacks-size');
});
afterAll(() => s.stop());

const MIB = 1024 * 1024;
const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);

async function kept(cluster: string): Promise<string> {
  const sha256 = (await s.configMap(cluster))?.metadata.annotations?.['auditpolicy.dev/sha256'] ?? '';
  const revision = await s.api.get(controllerRevisions(s.namespace, `audit-policy-${sha256}`));
  return revision.data?.policy ?? '';
}

test.each([
  ['0.9 MiB', Math.floor(0.9 * MIB)],
  ['just 1 MiB', MIB],
])(
  'A11: a rendered policy of %s is delivered, kept whole, and restored from what is kept',
  async (_, bytes) => {
    const name = `fits-${bytes}`;
    await s.fleet.createPolicy(name, rulesOfSize(bytes));
    await s.deliver(name, name);
    const content = (await s.configMap(name))?.data?.policy ?? '';
    expect(Buffer.byteLength(content)).toBe(bytes);
    expect(await kept(name)).toBe(content);
    await s.api.delete(auditPolicies(s.namespace, name));
    await s.waitFor(name, 'False', 'PolicyNotFound');
    await s.api.delete(path(name));
    await s.waitForContent(name, 'level: Metadata');
    expect((await s.configMap(name))?.data).toEqual({ policy: content });
  },
);

test.each([
  ['1 MiB and a byte', MIB + 1],
  ['1.1 MiB', Math.floor(1.1 * MIB)],
  ['1.4 MiB', Math.floor(1.4 * MIB)],
])('A11: a rendered policy of %s is refused with the number, and nothing is written', async (_, bytes) => {
  const name = `too-large-${bytes}`;
  await s.fleet.createPolicy(name, rulesOfSize(bytes));
  await s.fleet.createRelease(name);
  await s.fleet.createDeployment(name, { auditPolicy: name });
  const from = s.operator.writes.length;
  await s.waitFor(name, 'False', 'PolicyRefused', `has ${bytes} bytes; a ConfigMap takes ${MIB}`);
  await s.settledWrites();
  expect(s.writesSince(from).filter((write) => !/ (status|ClusterDeployment.*)$/.test(write))).toEqual([]);
  expect(await s.configMap(name)).toBeUndefined();
  expect(await s.hash(name)).toBeUndefined();
});

test('A11: an edit beyond the limit leaves the last good policy in place', async () => {
  await s.fleet.createPolicy('grows', REQUEST_RULES);
  await s.deliver('grows', 'grows');
  await s.fleet.editPolicy('grows', rulesOfSize(MIB + 1));
  await s.waitFor('grows', 'False', 'PolicyRefused', 'What is in place stays: hash 61d03756.');
  expect((await s.configMap('grows'))?.data?.policy).toContain('level: Request\n');
});

test('A11: one whose kept copy has exactly the most bytes that it may have is kept and delivered', async () => {
  await s.fleet.createPolicy('quoted', rulesOfJsonSize(MAX_KEPT_BYTES));
  await s.deliver('quoted', 'quoted');
  const content = await kept('quoted');
  expect(Buffer.byteLength(JSON.stringify(content))).toBe(MAX_KEPT_BYTES);
  expect((await s.configMap('quoted'))?.data).toEqual({ policy: content });
});

test('A11: one whose kept copy would have a byte more is refused with the number', async () => {
  await s.fleet.createPolicy('quoted-more', rulesOfJsonSize(MAX_KEPT_BYTES + 1));
  await s.fleet.createRelease('quoted-more');
  await s.fleet.createDeployment('quoted-more', { auditPolicy: 'quoted-more' });
  await s.waitFor('quoted-more', 'False', 'PolicyRefused', `has ${MAX_KEPT_BYTES + 1} bytes as JSON`);
  expect(await s.configMap('quoted-more')).toBeUndefined();
});

test('A11: a tenant cannot make our ConfigMap too large to be mended', async () => {
  await s.fleet.createPolicy('large', rulesOfSize(MIB - 1));
  await s.deliver('large', 'large');
  const uid = '0'.repeat(250);
  const ownerReferences = Array.from({ length: 3_800 }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    name: `x${i}`,
    uid: `${uid}${i}`,
  }));
  const before = await s.configMap('large');
  await s.api.mergePatch(path('large'), {
    metadata: { ownerReferences },
    data: { policy: 'rules: [{level: None}]' },
  });
  await s.waitForContent('large', 'level: Metadata');
  expect((await s.configMap('large'))?.data).toEqual(before?.data);
});
