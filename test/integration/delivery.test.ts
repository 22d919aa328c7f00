import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { clusterDeployments, configMaps, controllerRevisions, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('delivery');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
});
afterAll(() => s.stop());

const METADATA = {
  hash: 'da099788',
  yaml: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n',
};
const REQUEST_HASH = '61d03756';

describe('delivery on a real API server', () => {
  test('the first delivery: revision, ConfigMap, values, condition, in this order and nothing else', async () => {
    await s.fleet.createRelease('first', { audit: { logPath: '-', logMaxAge: 7 }, other: 1 });
    const from = await s.settledWrites();
    await s.fleet.createDeployment('first', { auditPolicy: 'metadata' });
    await s.waitFor('first', 'True', 'Succeeded', 'hash da099788');
    await s.settledWrites();
    expect(s.writesSince(from)).toEqual([
      expect.stringMatching(/^create ControllerRevision\/audit-policy-da099788/),
      'create ConfigMap/first-audit-policy',
      'apply HelmRelease/first',
      'apply ClusterDeployment/first status',
    ]);
    const release = await s.fleet.release('first');
    // The user's own values under `audit` and beside it stay as they were.
    expect(release.spec?.values).toEqual({
      audit: {
        logPath: '-',
        logMaxAge: 7,
        policyRef: { name: 'first-audit-policy', key: 'policy', hash: METADATA.hash },
      },
      other: 1,
    });
    const configMap = await s.configMap('first');
    expect(configMap?.data).toEqual({ policy: METADATA.yaml });
    expect(configMap?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        name: 'first',
        uid: release.metadata.uid,
      },
    ]);
    await s.waitForEvents('first', ['Normal AuditPolicyConfigMapCreated']);
  });

  test('the roll-out of our own write is no reason for a word: three writes a cluster in all', async () => {
    await s.fleet.createRelease('rolled');
    await s.waitUntilSettled('rolled');
    await s.fleet.createDeployment('rolled');
    await s.api.patchStatus(clusterDeployments(s.namespace, 'rolled'), { k8sVersion: 'v1.36.1' });
    const from = await s.settledWrites();
    await s.fleet.setReference('rolled', 'metadata');
    await s.waitFor('rolled', 'True', 'Succeeded');
    await s.waitUntilSettled('rolled');
    await s.settledWrites(1000);
    expect(s.writesSince(from)).toEqual([
      'create ConfigMap/rolled-audit-policy',
      'apply HelmRelease/rolled',
      'apply ClusterDeployment/rolled status',
    ]);
  });

  test('a second cluster with the same policy keeps no second revision', async () => {
    await s.deliver('second', 'metadata');
    const kept = await s.api.list(controllerRevisions(s.namespace));
    expect(kept.filter(({ metadata }) => metadata.name.includes(METADATA.hash))).toHaveLength(1);
  });

  test('nothing changed, nothing written: a restart, a touched HelmRelease, an idle time', async () => {
    await s.settledWrites();
    await s.restartOperator();
    await s.api.mergePatch(helmReleases(s.namespace, 'first'), {
      metadata: { annotations: { touched: 'yes' } },
    });
    await s.api.mergePatch(clusterDeployments(s.namespace, 'first'), {
      metadata: { annotations: { touched: 'yes' } },
    });
    await s.settledWrites(1500);
    expect(s.writesSince(0)).toEqual([]);
  });

  test('another reference: new bytes, new hash; the ConfigMap before the values', async () => {
    await s.deliver('changed', 'metadata');
    const from = await s.settledWrites();
    await s.fleet.setReference('changed', 'request');
    await s.waitForHash('changed', REQUEST_HASH);
    await s.waitForContent('changed', 'level: Request\n');
    await s.waitFor('changed', 'True', 'Succeeded', REQUEST_HASH);
    expect(s.writesSince(from).filter((write) => !write.includes('ControllerRevision'))).toEqual([
      'mergePatch ConfigMap/changed-audit-policy',
      'apply HelmRelease/changed',
      'apply ClusterDeployment/changed status',
    ]);
    await s.waitForEvents('changed', [
      'Normal AuditPolicyConfigMapCreated',
      'Normal AuditPolicyConfigMapUpdated',
    ]);
  });

  test('an edit of the policy reaches all its clusters, and back again gives the same bytes and hash', async () => {
    await s.fleet.createPolicy('edited', METADATA_RULES);
    await s.deliver('edited-1', 'edited');
    await s.deliver('edited-2', 'edited');
    await s.fleet.editPolicy('edited', REQUEST_RULES);
    await s.waitForHash('edited-1', REQUEST_HASH);
    await s.waitForHash('edited-2', REQUEST_HASH);
    await s.fleet.editPolicy('edited', METADATA_RULES);
    await s.waitForHash('edited-1', METADATA.hash);
    expect((await s.waitForContent('edited-1', 'Metadata')).data).toEqual({ policy: METADATA.yaml });
  });

  test('any order of creation: deployment, then policy, then HelmRelease', async () => {
    await s.fleet.createDeployment('early', { auditPolicy: 'late-policy' });
    await s.waitFor('early', 'False', 'PolicyNotFound', 'late-policy');
    await s.fleet.createPolicy('late-policy');
    await s.waitFor('early', 'False', 'HelmReleaseNotFound');
    expect(await s.configMap('early')).toBeUndefined();
    await s.fleet.createRelease('early');
    await s.waitFor('early', 'True', 'Succeeded');
    await s.waitForHash('early', METADATA.hash);
  });

  test('cleared: only our three keys go, the ConfigMap stays for its retention, the condition goes', async () => {
    await s.deliver('cleared', 'metadata', { audit: { logPath: '-' }, other: 1 });
    await s.fleet.setReference('cleared', null);
    await s.waitForNoCondition('cleared');
    expect((await s.fleet.release('cleared')).spec?.values).toEqual({
      audit: { logPath: '-' },
      other: 1,
    });
    const configMap = await s.waitForContent('cleared', 'Metadata');
    expect(configMap.metadata.annotations).toHaveProperty(['auditpolicy.dev/released-at']);
    await s.waitForEvents('cleared', ['Normal AuditPolicyConfigMapCreated', 'Normal AuditPolicyCleared']);
  });

  test('cleared where nothing else was in the values: they are as they were before', async () => {
    await s.deliver('bare', 'metadata');
    await s.fleet.setReference('bare', null);
    await s.waitForNoCondition('bare');
    expect((await s.fleet.release('bare')).spec?.values ?? {}).toEqual({});
  });

  test('named again after clearing, although the creator still owns the empty `values`', async () => {
    await s.waitUntilSettled('bare');
    await s.fleet.setReference('bare', 'metadata');
    await s.waitFor('bare', 'True', 'Succeeded');
    const configMap = await s.waitForContent('bare', 'Metadata');
    expect(configMap.metadata.annotations).not.toHaveProperty(['auditpolicy.dev/released-at']);
  });

  test('once the retention has passed and Flux has settled, the ConfigMap goes', async () => {
    const short = await Scenario.start('retention', { settings: { configMapRetentionMs: 500 } });
    try {
      await short.fleet.createPolicy('metadata');
      await short.deliver('gone', 'metadata');
      await short.pauseFlux();
      await short.fleet.setReference('gone', null);
      await short.waitForNoCondition('gone');
      await short.settledWrites(1000);
      expect(await short.configMap('gone')).toBeDefined();
      await short.flux.settle(short.namespace, 'gone');
      await short.waitForEvents('gone', [
        'Normal AuditPolicyConfigMapCreated',
        'Normal AuditPolicyCleared',
        'Normal AuditPolicyConfigMapDeleted',
      ]);
      expect(await short.api.find(configMaps(short.namespace, 'gone-audit-policy'))).toBeUndefined();
    } finally {
      await short.stop();
    }
  });
});
