import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { auditPolicies, configMaps, controllerRevisions } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

const METADATA_HASH = 'da099788';
const METADATA_YAML = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n';
const TYPO = [{ level: 'None', user: ['system:kube-proxy'] }, { level: 'Metadata' }];

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('repair');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(() => s.stop());

const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);

describe('what is in place is kept right', () => {
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
});

describe('whose ConfigMap it is', () => {
  const foreign = (cluster: string, data: object, metadata: object = {}) =>
    s.api.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${cluster}-audit-policy`, ...metadata },
      data,
    });

  test("KCM's with the same bytes is taken over: no HelmRelease write, no roll; then cleared cleanly", async () => {
    await foreign('kcm', { policy: METADATA_YAML });
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
    await foreign('kcm-edited', { policy: METADATA_YAML });
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
