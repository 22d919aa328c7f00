import { METADATA_RULES } from '../support/fleet.ts';
import { clusterDeployments } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

/** `group: "*"` is what kube-apiserver 1.36 takes, and what keeps an older one from starting. */
const ANY_GROUP = [{ level: 'Metadata', resources: [{ group: '*' }] }];
const METADATA_HASH = 'da099788';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('attacks-versions');
  await s.fleet.createPolicy('edited', METADATA_RULES);
  await s.fleet.createPolicy('newest', ANY_GROUP);
});
afterAll(() => s.stop());

async function cluster(name: string, version: string | undefined, auditPolicy?: string): Promise<void> {
  await s.fleet.createRelease(name);
  await s.waitUntilSettled(name);
  await s.fleet.createDeployment(name);
  if (version !== undefined) {
    await s.api.patchStatus(clusterDeployments(s.namespace, name), { k8sVersion: version });
  }
  if (auditPolicy !== undefined) await s.fleet.setReference(name, auditPolicy);
}

test('A25: a policy for the newest Kubernetes is refused for each older cluster before anything is written; the others go on', async () => {
  await cluster('v1-34', 'v1.34.4', 'newest');
  await cluster('v1-35', 'v1.35.4+k0s.0', 'newest');
  await cluster('v1-36', 'v1.36.3', 'newest');
  await cluster('unknown', undefined, 'newest');
  await s.waitFor('v1-36', 'True', 'Succeeded', 'Checked for Kubernetes 1.36.');
  await s.waitFor('v1-34', 'False', 'PolicyUnfit', 'kube-apiserver 1.34 would refuse it');
  await s.waitFor('v1-35', 'False', 'PolicyUnfit', 'kube-apiserver 1.35 would refuse it');
  await s.waitFor('unknown', 'False', 'PolicyUnfit', 'assumed');
  await s.settledWrites();
  for (const name of ['v1-34', 'v1-35', 'unknown']) {
    expect(s.writesSince(0).filter((write) => write.includes(`/${name}`))).toEqual([
      `apply ClusterDeployment/${name} status`,
    ]);
    expect(await s.configMap(name)).toBeUndefined();
    expect(await s.hash(name)).toBeUndefined();
    await s.waitForEvents(name, ['Warning ClusterAuditPolicyError']);
  }
});

test('A25: an edit to such a policy reaches the new cluster, and what the old one has in place stays', async () => {
  await cluster('stays', 'v1.35.0', 'edited');
  await cluster('follows', 'v1.36.0', 'edited');
  for (const name of ['stays', 'follows']) {
    await s.waitFor(name, 'True', 'Succeeded');
    await s.waitUntilSettled(name);
  }
  const before = await s.configMap('stays');
  await s.fleet.editPolicy('edited', ANY_GROUP);
  await s.waitForContent('follows', "group: '*'");
  await s.waitFor('stays', 'False', 'PolicyUnfit', `What is in place stays: hash ${METADATA_HASH}.`);
  expect((await s.configMap('stays'))?.metadata.uid).toBe(before?.metadata.uid);
  expect((await s.configMap('stays'))?.data).toEqual(before?.data);
  expect(await s.hash('stays')).toBe(METADATA_HASH);
});
