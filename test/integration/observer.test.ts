import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api, type KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, releaseManifest } from '../support/fleet.ts';
import { installCrds } from '../support/install-crds.ts';
import { asArray, dig } from '../support/json.ts';
import { startKcm, type RunningKcm } from '../support/kcm-stand-in.ts';
import { auditPolicies, clusterDeployments, helmReleases } from '../support/kinds.ts';
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

describe('F16: beside a live KCM', () => {
  let own: Scenario;
  let kcm: RunningKcm;
  beforeAll(async () => {
    own = await Scenario.start('live-kcm', { kubeconfig: controlPlane.kubeconfig }, api);
    kcm = startKcm(api, { namespace: own.namespace });
    await own.fleet.createPolicy('metadata');
    await own.fleet.createPolicy('request', [{ level: 'Request' }]);
  });
  afterAll(async () => {
    await kcm.stop();
    await own.pauseFlux();
    await own.operator.stop();
  });

  const ready = async () =>
    asArray((await own.fleet.deployment('c')).status?.conditions, 'conditions').map(
      (one) => `${String(dig(one, 'type'))}=${String(dig(one, 'status'))} ${String(dig(one, 'message'))}`,
    );
  const managers = (object: KubeObject | undefined) =>
    new Set(object?.metadata.managedFields?.map(({ manager }) => manager));
  /** KCM has come to rest: it takes a turn at each event, its own included. */
  const settled = () =>
    eventually(async () => {
      const [turns, { metadata }] = [kcm.turns, await own.fleet.release('c')];
      await sleep(400);
      expect(kcm.turns).toBe(turns);
      expect((await own.fleet.release('c')).metadata.resourceVersion).toBe(metadata.resourceVersion);
    });

  test('F16: what KCM delivers, changes and clears stays just as KCM writes it: no write of ours, one generation a change', async () => {
    await own.fleet.createDeployment('c', { auditPolicy: 'metadata', config: { workers: 3 } });
    await own.waitForHash('c', 'da099788');
    await own.waitUntilSettled('c');
    await settled();
    expect((await ready()).toSorted()).toEqual([
      'ClusterAuditPolicyReady=True ',
      'CredentialReady=True ',
      expect.stringMatching(/^HelmReleaseReady=True/),
      'Ready=True Object is ready',
      'TemplateReady=True ',
    ]);
    const before = (await own.fleet.release('c')).metadata.generation ?? 0;
    expect(before).toBe(1);
    for (let poke = 0; poke < 5; poke += 1) {
      await api.mergePatch(helmReleases(own.namespace, 'c'), {
        metadata: { annotations: { poke: String(poke) } },
      });
      await sleep(60);
    }
    await settled();
    expect((await own.fleet.release('c')).metadata.generation).toBe(before);
    await own.fleet.setReference('c', 'request');
    await own.waitForContent('c', 'level: Request');
    await own.waitUntilSettled('c');
    await settled();
    expect((await own.fleet.release('c')).metadata.generation).toBe(before + 1);
    await own.fleet.setReference('c', null);
    await eventually(async () => expect(await own.configMap('c')).toBeUndefined());
    await eventually(async () => expect(await own.hash('c')).toBeUndefined());
    await own.waitUntilSettled('c');
    await settled();
    expect((await own.fleet.release('c')).metadata.generation).toBe(before + 2);
    expect(own.operator.writes).toEqual([]);
  });

  test("F16: KCM's own Ready is as it would be without the operator, also when something is wrong", async () => {
    await own.fleet.setReference('c', 'missing');
    await eventually(async () =>
      expect(await ready()).toContainEqual(
        expect.stringMatching(/^Ready=False failed to get ClusterAuditPolicy/),
      ),
    );
    await own.restartOperator();
    await own.fleet.setReference('c', 'metadata');
    await eventually(async () => expect(await ready()).toContain('Ready=True Object is ready'));
    await own.waitForHash('c', 'da099788');
    await settled();
    expect(own.operator.writes).toEqual([]);
    for (const object of [
      await own.fleet.deployment('c'),
      await own.fleet.release('c'),
      await own.configMap('c'),
      await api.find(auditPolicies(own.namespace, 'metadata')),
    ]) {
      expect(managers(object)).not.toContain('audit-policy-operator');
    }
  });
});

test('F16: a KCM that forgets its label: on its atomic list of conditions, too, words are not fought for', async () => {
  const own = await Scenario.start('unlabelled', { kubeconfig: controlPlane.kubeconfig }, api);
  await own.fleet.createPolicy('metadata');
  const kcm = startKcm(api, { namespace: own.namespace, labels: false });
  try {
    await own.fleet.createDeployment('c', { auditPolicy: 'metadata' });
    await own.waitForHash('c', 'da099788');
    await own.waitUntilSettled('c');
    await own.settledWrites(1000);
    const words = own.writesSince(0).filter((write) => write.endsWith('ClusterDeployment/c status'));
    expect(words.length).toBeGreaterThan(1);
    expect(words.length).toBeLessThanOrEqual(9);
    const [from, puts] = [own.operator.exchanges.length, kcm.statusPuts('c')];
    await sleep(1500);
    // Whether reports are served by now is asked from time to time.
    const asked = own.operator.exchanges
      .slice(from)
      .filter(({ isStream, path }) => !isStream && !path.endsWith('/clusterauditreports'));
    expect(asked).toEqual([]);
    expect(kcm.statusPuts('c')).toBe(puts);
    const release = await own.fleet.release('c');
    expect(release.metadata.generation).toBe(1);
  } finally {
    await kcm.stop();
    await own.pauseFlux();
    await own.operator.stop();
  }
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
