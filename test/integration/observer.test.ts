import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { releaseManifest } from '../support/fleet.ts';
import { installCrds } from '../support/install-crds.ts';
import { clusterDeployments, helmReleases } from '../support/kinds.ts';
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
