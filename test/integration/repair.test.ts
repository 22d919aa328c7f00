import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import {
  auditPolicies,
  capiClusters,
  configMaps,
  controllerRevisions,
  helmReleases,
} from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

const METADATA_HASH = 'da099788';
const TYPO = [{ level: 'None', user: ['system:kube-proxy'] }, { level: 'Metadata' }];

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('repair');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(() => s.stop());

const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);

describe('what is in place is kept right', () => {
  test('a changed ConfigMap is restored, with a Warning, and the HelmRelease is not touched', async () => {
    await s.deliver('changed', 'metadata');
    const before = await s.fleet.release('changed');
    await s.api.mergePatch(path('changed'), { data: { policy: 'rules: [{level: None}]', extra: 'x' } });
    await s.waitForContent('changed', 'level: Metadata');
    expect((await s.configMap('changed'))?.data).not.toHaveProperty('extra');
    await s.waitForEvents('changed', [
      'Normal AuditPolicyConfigMapCreated',
      'Warning AuditPolicyConfigMapRepaired',
    ]);
    expect((await s.fleet.release('changed')).metadata.generation).toBe(before.metadata.generation);
  });

  test('a deleted ConfigMap comes back with the same bytes', async () => {
    await s.deliver('deleted', 'metadata');
    const before = await s.configMap('deleted');
    await s.api.delete(path('deleted'));
    expect((await s.waitForContent('deleted', 'Metadata')).data).toEqual(before?.data);
  });

  test('stripped label, owner and annotations are put back', async () => {
    await s.deliver('stripped', 'metadata');
    await s.api.mergePatch(path('stripped'), { metadata: { ownerReferences: null, annotations: null } });
    await s.settledWrites();
    const found = await s.configMap('stripped');
    expect(found?.metadata.ownerReferences).toHaveLength(1);
    expect(found?.metadata.annotations).toHaveProperty(['auditpolicy.dev/sha256']);
  });

  test('a refused edit leaves the last good policy in place, and a tampered ConfigMap gets those bytes back', async () => {
    await s.fleet.createPolicy('turns-bad', METADATA_RULES);
    await s.deliver('last-good', 'turns-bad');
    await s.fleet.editPolicy('turns-bad', TYPO);
    const message = await s.waitFor('last-good', 'False', 'PolicyRefused', 'rules[0].user');
    expect(message).toContain('"users"');
    expect(message).toContain(`What is in place stays: hash ${METADATA_HASH}.`);
    expect(await s.hash('last-good')).toBe(METADATA_HASH);
    await s.api.mergePatch(path('last-good'), { data: { policy: 'rules: []' } });
    await s.waitForContent('last-good', 'level: Metadata');
    await s.api.delete(path('last-good'));
    await s.waitForContent('last-good', 'level: Metadata');
    expect(await s.hash('last-good')).toBe(METADATA_HASH);
  });

  test('a deleted policy leaves ConfigMap and values, and repair still works, even after a restart', async () => {
    await s.fleet.createPolicy('doomed', METADATA_RULES);
    await s.deliver('orphan', 'doomed');
    await s.api.delete(auditPolicies(s.namespace, 'doomed'));
    await s.waitFor('orphan', 'False', 'PolicyNotFound', '"doomed"');
    await s.restartOperator();
    await s.api.delete(path('orphan'));
    await s.waitForContent('orphan', 'level: Metadata');
    expect(await s.hash('orphan')).toBe(METADATA_HASH);
  });

  test('while a change is held back, what is restored is what is in place and not what is wanted', async () => {
    await s.fleet.createPolicy('held', METADATA_RULES);
    await s.deliver('held-back', 'held');
    await s.api.mergePatch(helmReleases(s.namespace, 'held-back'), { spec: { suspend: true } });
    await s.fleet.editPolicy('held', REQUEST_RULES);
    await s.waitFor('held-back', 'False', 'HelmReleaseSuspended');
    await s.api.mergePatch(path('held-back'), { data: { policy: 'x' } });
    await s.waitForContent('held-back', 'level: Metadata');
    await s.api.mergePatch(helmReleases(s.namespace, 'held-back'), { spec: { suspend: false } });
    await s.waitForContent('held-back', 'level: Request\n');
    await s.waitFor('held-back', 'True', 'Succeeded');
  });

  test('the owner becomes the CAPI Cluster when that appears', async () => {
    await s.deliver('owned', 'metadata');
    const cluster = await s.api.create(capiClusters(s.namespace), {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'Cluster',
      metadata: { name: 'owned', labels: { 'helm.toolkit.fluxcd.io/name': 'owned' } },
      spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
    });
    await s.settledWrites();
    expect((await s.configMap('owned'))?.metadata.ownerReferences).toEqual([
      { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', name: 'owned', uid: cluster.metadata.uid },
    ]);
  });
});

describe('whose ConfigMap it is', () => {
  const foreign = (cluster: string, data: object, metadata: object = {}) =>
    s.api.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${cluster}-audit-policy`, ...metadata },
      data,
    });

  test('a foreign one of our name is never touched, and is said to be in the way', async () => {
    const before = await foreign('taken', { policy: 'theirs' });
    await s.fleet.createRelease('taken');
    await s.fleet.createDeployment('taken', { auditPolicy: 'metadata' });
    await s.waitFor('taken', 'False', 'NameConflict', '"taken-audit-policy"');
    await s.fleet.setReference('taken', null);
    await s.waitForNoCondition('taken');
    const after = await s.configMap('taken');
    expect(after?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await s.hash('taken')).toBeUndefined();
  });

  test('nor one that wears our label', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'audit-policy-operator' };
    const before = await foreign('forged', { policy: 'theirs' }, { labels });
    await s.fleet.createRelease('forged');
    await s.fleet.createDeployment('forged', { auditPolicy: 'metadata' });
    await s.waitFor('forged', 'False', 'NameConflict');
    expect((await s.configMap('forged'))?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  test('once the foreign one is removed, the delivery follows', async () => {
    await s.api.delete(path('forged'));
    await s.waitFor('forged', 'True', 'Succeeded');
  });

  test("KCM's with the same bytes is taken over: no HelmRelease write, no roll; then cleared cleanly", async () => {
    const yaml = (await s.waitForContent('changed', 'Metadata')).data?.policy;
    await foreign('kcm', { policy: yaml });
    const release = await s.fleet.createRelease('kcm', {
      audit: { logPath: '-', policyRef: { name: 'kcm-audit-policy', key: 'policy', hash: METADATA_HASH } },
    });
    await s.waitUntilSettled('kcm');
    await s.fleet.createDeployment('kcm', { auditPolicy: 'metadata' });
    await s.waitFor('kcm', 'True', 'Succeeded');
    await s.settledWrites();
    const after = await s.fleet.release('kcm');
    expect(after.metadata.generation).toBe(release.metadata.generation);
    expect(after.metadata.managedFields?.map(({ manager }) => manager)).not.toContain(
      'audit-policy-operator',
    );
    expect((await s.configMap('kcm'))?.metadata.labels).toHaveProperty(['app.kubernetes.io/managed-by']);
    await s.fleet.setReference('kcm', null);
    await s.waitForNoCondition('kcm');
    expect((await s.fleet.release('kcm')).spec?.values).toEqual({ audit: { logPath: '-' } });
  });

  test('edited after the takeover: the keys that KCM left behind give way', async () => {
    await s.fleet.createPolicy('taken-over', METADATA_RULES);
    const yaml = (await s.waitForContent('changed', 'Metadata')).data?.policy;
    await foreign('kcm-edited', { policy: yaml });
    await s.fleet.createRelease('kcm-edited', {
      audit: { policyRef: { name: 'kcm-edited-audit-policy', key: 'policy', hash: METADATA_HASH } },
    });
    await s.waitUntilSettled('kcm-edited');
    await s.fleet.createDeployment('kcm-edited', { auditPolicy: 'taken-over' });
    await s.waitFor('kcm-edited', 'True', 'Succeeded');
    await s.fleet.editPolicy('taken-over', REQUEST_RULES);
    await s.waitForHash('kcm-edited', '61d03756');
    await s.waitForContent('kcm-edited', 'level: Request\n');
    await s.waitUntilSettled('kcm-edited');
    await s.fleet.setReference('kcm-edited', null);
    await s.waitForNoCondition('kcm-edited');
    expect(await s.hash('kcm-edited')).toBeUndefined();
  });

  test('another writer owns the reference: it is named, and its value stays', async () => {
    await s.api.apply(
      helmReleases(s.namespace, 'gitops'),
      {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'gitops' },
        spec: {
          interval: '10m',
          chartRef: { kind: 'HelmChart', name: 't' },
          values: { audit: { policyRef: { name: 'theirs', key: 'k', hash: 'h' } } },
        },
      },
      { fieldManager: 'kustomize-controller' },
    );
    await s.fleet.createDeployment('gitops', { auditPolicy: 'metadata' });
    await s.waitFor('gitops', 'False', 'FieldConflict', '"kustomize-controller"');
    expect(await s.hash('gitops')).toBe('h');
  });
});

test('revisions that nothing uses go beyond the history limit; used ones stay', async () => {
  const own = await Scenario.start('history', { revisionHistoryLimit: 0 });
  try {
    await own.fleet.createPolicy('p', METADATA_RULES);
    await own.deliver('c', 'p');
    await own.fleet.editPolicy('p', [{ level: 'None' }]);
    await own.waitForHash('c', '5321b167');
    await own.waitUntilSettled('c');
    await own.fleet.editPolicy('p', REQUEST_RULES);
    await own.waitForHash('c', '61d03756');
    const hashes = async () =>
      (await own.api.list(controllerRevisions(own.namespace))).map(
        ({ metadata }) => metadata.labels?.['auditpolicy.dev/hash'],
      );
    expect(await hashes()).toHaveLength(3);
    await eventually(async () => expect(await hashes()).toEqual(['61d03756']), { timeoutMs: 20_000 });
  } finally {
    await own.stop();
  }
});
