import { readPolicySpec } from '../../src/policy/content.ts';
import { eventually } from '../support/eventually.ts';
import { auditPolicies, configMaps, controllerRevisions } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

/**
 * Two policies whose rendered bytes have one sha256 prefix of 32 bits, and so one `policyRef.hash`; found by counting users up
 * until two digests met, which takes some ten thousand tries.
 */
const FIRST = [{ level: 'Metadata', users: ['u17870'] }];
const SECOND = [{ level: 'Metadata', users: ['u43490'] }];
const HASH = 'caa1fb00';
const SHA256 = {
  first: 'caa1fb00e861293b28cb2dc8289ece0af1c098bb335769d440e72dda957ce177',
  second: 'caa1fb0028167f2593571c1521b30dc23027a71c7ff4dcb1bd36f10818103b8a',
};

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('attacks-collision');
  await s.fleet.createPolicy('first', FIRST);
  await s.fleet.createPolicy('second', SECOND);
  await s.deliver('victim', 'first');
});
afterAll(() => s.stop());

const rendered = (rules: unknown) => readPolicySpec({ policy: { rules } }).accepted;
const content = async (cluster: string) => (await s.configMap(cluster))?.data?.policy;
const revisions = async () =>
  (await s.api.list(controllerRevisions(s.namespace))).map(({ metadata }) => metadata.name);

test('A20: the pair collides', () => {
  expect(rendered(FIRST)).toMatchObject({ hash: HASH, sha256: SHA256.first });
  expect(rendered(SECOND)).toMatchObject({ hash: HASH, sha256: SHA256.second });
});

test('A20: the second content of one short hash is refused for every cluster of the namespace, with both digests', async () => {
  expect(await s.hash('victim')).toBe(HASH);
  await s.fleet.createRelease('late');
  await s.fleet.createDeployment('late', { auditPolicy: 'second' });
  const message = await s.waitFor('late', 'False', 'HashCollision', SHA256.second);
  expect(message).toContain(SHA256.first);
  await s.waitForEvents('late', ['Warning ClusterAuditPolicyError']);
  expect(await s.configMap('late')).toBeUndefined();
  expect(await s.hash('late')).toBeUndefined();
  expect(await revisions()).toEqual([`audit-policy-${SHA256.first}`]);
});

test('A20: an edit to it changes nothing, though the values would not even have to change', async () => {
  const before = await s.configMap('victim');
  await s.fleet.setReference('victim', 'second');
  await s.waitFor('victim', 'False', 'HashCollision', `What is in place stays: hash ${HASH}.`);
  await s.settledWrites();
  expect((await s.configMap('victim'))?.metadata).toEqual(before?.metadata);
  expect(await content('victim')).toContain('u17870');
});

test.each([
  ['while that is refused', () => Promise.resolve()],
  ['while the first is wanted', () => s.fleet.setReference('victim', 'first')],
  [
    'when the first is gone and only its kept copy tells',
    async () => {
      await s.api.delete(auditPolicies(s.namespace, 'first'));
      await s.waitFor('victim', 'False', 'PolicyNotFound');
    },
  ],
])('A20: its bytes put into the ConfigMap of the first are not taken for them, %s', async (_, arrange) => {
  await arrange();
  await s.settledWrites();
  await s.api.mergePatch(configMaps(s.namespace, 'victim-audit-policy'), {
    metadata: { annotations: { 'auditpolicy.dev/sha256': SHA256.second } },
    data: { policy: rendered(SECOND)?.yaml },
  });
  await eventually(async () => expect(await content('victim')).toContain('u17870'));
  expect((await s.configMap('victim'))?.metadata.annotations?.['auditpolicy.dev/sha256']).toBe(SHA256.first);
  expect(await s.hash('victim')).toBe(HASH);
});
