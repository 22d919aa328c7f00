import type { Api, KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { configMaps, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';
import { asTenant } from '../support/tenant.ts';

/**
 * A tenant who may write ConfigMaps, and read everything that our marks are made of, forges them: to have his ConfigMap taken
 * over, somebody else's overwritten, deleted or collected, or a delivery stopped.
 */
let s: Scenario;
let tenant: Api;
beforeAll(async () => {
  s = await Scenario.start('attacks-forgery');
  tenant = await asTenant(s.api, s.namespace);
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(async () => {
  tenant.close();
  await s.stop();
});

const METADATA_HASH = 'da099788';
const METADATA_SHA256 = /^da099788[0-9a-f]{56}$/;
const THEIRS = { policy: 'theirs', other: 'too' };
const LABELS = { 'app.kubernetes.io/managed-by': 'audit-policy-operator' };

/** Every mark that the operator leaves, as a tenant can copy it. */
async function forgedMarks(cluster: string, sha256 = '0'.repeat(64)) {
  const deployment = await s.fleet.deployment(cluster);
  const release = await s.fleet.release(cluster);
  return {
    labels: LABELS,
    annotations: {
      'auditpolicy.dev/cluster-deployment-uid': deployment.metadata.uid,
      'auditpolicy.dev/policy': 'metadata',
      'auditpolicy.dev/sha256': sha256,
    },
    ownerReferences: [
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        name: cluster,
        uid: release.metadata.uid,
      },
    ],
  };
}

function forge(name: string, metadata: object, data: object = THEIRS): Promise<KubeObject> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
  return tenant.create(configMaps(s.namespace), body);
}

async function prepare(cluster: string): Promise<void> {
  await s.fleet.createRelease(cluster);
  await s.fleet.createDeployment(cluster);
  await s.waitUntilSettled(cluster);
}

async function expectUntouched(before: KubeObject): Promise<void> {
  await s.settledWrites();
  const after = await s.api.find(configMaps(s.namespace, before.metadata.name));
  expect(after?.metadata).toEqual(before.metadata);
  expect(after?.data).toEqual(before.data);
}

/** Named, refused for its ConfigMap, cleared again: it stays as it is throughout. */
async function expectConflict(cluster: string, before: KubeObject): Promise<void> {
  await s.fleet.setReference(cluster, 'metadata');
  await s.waitFor(cluster, 'False', 'NameConflict', `"${cluster}-audit-policy"`);
  await expectUntouched(before);
  expect(await s.hash(cluster)).toBeUndefined();
  await s.fleet.setReference(cluster, null);
  await s.waitForNoCondition(cluster);
  await expectUntouched(before);
}

describe('A4: forged marks on bytes that the operator never put there', () => {
  test('A4: the label', async () => {
    await prepare('label');
    await expectConflict('label', await forge('label-audit-policy', { labels: LABELS }));
  });

  test("A4: KCM's label", async () => {
    await prepare('kcm');
    const labels = { 'k0rdent.mirantis.com/managed': 'true' };
    await expectConflict('kcm', await forge('kcm-audit-policy', { labels }));
  });

  test('A4: label, digest and owner, with the uid of another ClusterDeployment', async () => {
    await prepare('uid');
    const { annotations, ...marks } = await forgedMarks('uid');
    const other = { ...annotations, 'auditpolicy.dev/cluster-deployment-uid': 'another' };
    await expectConflict('uid', await forge('uid-audit-policy', { ...marks, annotations: other }));
  });

  test('A4: all of them, with the right uid: not overwritten', async () => {
    await prepare('all');
    await expectConflict('all', await forge('all-audit-policy', await forgedMarks('all')));
  });

  test('A4: all of them, and a mark that its time has come: not deleted', async () => {
    await s.restartOperator({ settings: { configMapRetentionMs: 1 } });
    await prepare('due');
    const marks = await forgedMarks('due');
    const annotations = { ...marks.annotations, 'auditpolicy.dev/released-at': '2020-01-01T00:00:00Z' };
    await expectUntouched(await forge('due-audit-policy', { ...marks, annotations }));
    await s.restartOperator();
  });

  test('A4: on a ConfigMap of no cluster', async () => {
    await prepare('some');
    const marks = await forgedMarks('some');
    const found = [await forge('nobody-audit-policy', marks), await forge('unrelated', marks)];
    for (const each of found) await expectUntouched(each);
  });

  test('A4: they survive a restart of the operator just as well', async () => {
    const names = ['label', 'kcm', 'uid', 'all', 'due', 'nobody'].map((name) => `${name}-audit-policy`);
    const before = await Promise.all(names.map((name) => s.api.get(configMaps(s.namespace, name))));
    await s.restartOperator();
    for (const each of before) await expectUntouched(each);
  });
});

describe('A4: forged marks on the right bytes, which gain nothing', () => {
  test('A4: what is adopted is what would have been written, whoever else is said to own it', async () => {
    await s.deliver('model', 'metadata');
    await prepare('adopted');
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', uid: 'theirs' };
    const marks = await forgedMarks('adopted');
    const data = (await s.configMap('model'))?.data ?? {};
    const before = await forge('adopted-audit-policy', { ...marks, ownerReferences: [theirs] }, data);
    await s.fleet.setReference('adopted', 'metadata');
    await s.waitFor('adopted', 'True', 'Succeeded');
    const after = await s.configMap('adopted');
    expect(after?.metadata.uid).toBe(before.metadata.uid);
    expect(after?.data).toEqual(data);
    expect(after?.metadata.annotations?.['auditpolicy.dev/sha256']).toMatch(METADATA_SHA256);
    expect(after?.metadata.ownerReferences).toEqual([theirs, ...marks.ownerReferences]);
    expect(await s.hash('adopted')).toBe(METADATA_HASH);
  });

  test('A4: a date of release that lies ahead does not keep the ConfigMap for ever', async () => {
    await s.restartOperator({ settings: { configMapRetentionMs: 1 } });
    await s.deliver('ahead', 'metadata');
    await s.pauseFlux();
    await s.fleet.setReference('ahead', null);
    await eventually(async () => expect(await s.hash('ahead')).toBeUndefined());
    const annotations = { 'auditpolicy.dev/released-at': '9999-12-31T00:00:00Z' };
    await tenant.mergePatch(configMaps(s.namespace, 'ahead-audit-policy'), { metadata: { annotations } });
    s.resumeFlux();
    await eventually(async () => expect(await s.configMap('ahead')).toBeUndefined());
    await s.restartOperator();
  });
});

test('A4: what a forged count of reverts can do: stop a first delivery that had to wait, and everybody sees it', async () => {
  await s.deliver('pattern', 'metadata');
  const made = await s.configMap('pattern');
  await prepare('counted');
  await s.api.mergePatch(helmReleases(s.namespace, 'counted'), { spec: { suspend: true } });
  await s.fleet.setReference('counted', 'metadata');
  await s.waitFor('counted', 'False', 'HelmReleaseSuspended');
  const marks = await forgedMarks('counted', made?.metadata.annotations?.['auditpolicy.dev/sha256']);
  const count = `${marks.ownerReferences[0]?.uid ?? ''}/9`;
  const annotations = { ...marks.annotations, 'auditpolicy.dev/reverted': count };
  await forge('counted-audit-policy', { ...marks, annotations }, made?.data);
  await s.api.mergePatch(helmReleases(s.namespace, 'counted'), { spec: { suspend: false } });
  await s.waitFor('counted', 'False', 'Reverted', 'auditpolicy.dev/reverted');
  await s.waitForEvents('counted', ['Warning AuditPolicyConfigMapError']);
  expect(await s.hash('counted')).toBeUndefined();
  // As the message tells whoever is on call.
  await s.api.mergePatch(configMaps(s.namespace, 'counted-audit-policy'), {
    metadata: { annotations: { 'auditpolicy.dev/reverted': null } },
  });
  await s.waitFor('counted', 'True', 'Succeeded');
});
