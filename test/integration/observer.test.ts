import { spawn } from 'node:child_process';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, releaseManifest } from '../support/fleet.ts';
import { installCrds } from '../support/install-crds.ts';
import { clusterDeployments, helmReleases } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';

/** A management cluster with KCM's CRDs, which cannot be on one server with the project's own. */
let controlPlane: ControlPlane;
let api: Api;
let s: Scenario;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api, 'kcm');
  s = await Scenario.start('kcm', { kubeconfig: controlPlane.kubeconfig }, api);
}, 120_000);

afterAll(async () => {
  await s.stop();
  await controlPlane.stop();
});

test('KCM >= 1.10 manages the HelmRelease: nothing is written, neither there nor to the ClusterDeployment or the policy', async () => {
  await s.fleet.createPolicy('p');
  await api.create(
    helmReleases(s.namespace),
    releaseManifest('managed', {}, {}, { 'k0rdent.mirantis.com/managed': 'true' }),
  );
  await s.fleet.createDeployment('managed', { auditPolicy: 'p' });
  await s.fleet.createDeployment('not-yet-released', { auditPolicy: 'p' });
  await s.settledWrites(1500);
  expect(s.operator.writes).toEqual([]);
});

test('not even a repair or a clearing of what KCM wrote', async () => {
  await api.mergePatch(helmReleases(s.namespace, 'managed'), {
    spec: {
      values: { audit: { policyRef: { name: 'managed-audit-policy', key: 'policy', hash: 'da099788' } } },
    },
  });
  await s.settledWrites(800);
  await s.fleet.setReference('managed', null);
  await s.settledWrites(800);
  expect(s.operator.writes).toEqual([]);
});

test("a HelmRelease that KCM does not manage is written, and KCM's conditions, one atomic list, stay", async () => {
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: 'as KCM says',
    lastTransitionTime: '2026-11-01T00:00:00Z',
  };
  const template = { ...ready, type: 'TemplateReady' };
  await s.fleet.createRelease('own');
  await s.fleet.createDeployment('own');
  await api.patchStatus(clusterDeployments(s.namespace, 'own'), { conditions: [ready, template] });
  await s.fleet.setReference('own', 'p');
  await s.waitFor('own', 'True', 'Succeeded');
  const conditions = async () => (await s.fleet.deployment('own')).status?.conditions;
  expect(await conditions()).toEqual([
    ready,
    template,
    expect.objectContaining({ type: 'ClusterAuditPolicyReady' }),
  ]);
  await s.waitUntilSettled('own');
  await s.fleet.setReference('own', null);
  await s.waitForNoCondition('own');
  expect(await conditions()).toEqual([ready, template]);
});

test('the first condition of all, on an atomic list', async () => {
  await s.fleet.createRelease('first');
  await s.fleet.createDeployment('first', { auditPolicy: 'p' });
  await s.waitFor('first', 'True', 'Succeeded');
  expect((await s.fleet.deployment('first')).status?.conditions).toHaveLength(1);
});

test('KCM < 1.10 drops the reference: the log says so, and nothing is written for any cluster', async () => {
  const older = await startControlPlane();
  const admin = await apiFromKubeconfig(older.kubeconfig);
  const operator = spawn(process.execPath, ['src/main.ts', 'manager', '--kubeconfig', older.kubeconfig]);
  try {
    await installCrds(admin, 'kcm-1.9');
    const own = fleet(admin, await createNamespace(admin, 'kcm-1-9'));
    await own.createPolicy('p');
    await own.createRelease('c');
    await own.createDeployment('c', { auditPolicy: 'p' });
    let log = '';
    operator.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await eventually(() => expect(log).toContain('upgrade KCM to 1.10 or newer'), { timeoutMs: 60_000 });
    expect((await own.deployment('c')).spec).not.toHaveProperty('auditPolicy');
    expect((await own.deployment('c')).status).toBeUndefined();
    expect((await own.release('c')).spec?.values).toEqual({});
  } finally {
    operator.kill();
    admin.close();
    await older.stop();
  }
}, 120_000);
