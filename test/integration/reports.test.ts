import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOOK_AGAIN_MS } from '../../src/controllers/report/reconcile.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api, type KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { deploymentManifest, policyManifest } from '../support/fleet.ts';
import { installCrdFiles, installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { asArray, dig } from '../support/json.ts';
import { startKcm, type RunningKcm } from '../support/kcm-stand-in.ts';
import {
  auditPolicies,
  auditReports,
  clusterDeployments,
  configMaps,
  crds,
  helmReleases,
} from '../support/kinds.ts';
import { scaledClock } from '../support/scaled-clock.ts';
import { Scenario } from '../support/scenario.ts';

/** A management cluster where KCM >= 1.10 writes, and an operator with the rights that it ships with. */
let controlPlane: ControlPlane;
let folder: string;
let kubeconfig: string;
let api: Api;
let s: Scenario;
let kcm: RunningKcm;

const REPORTS_CRD = join(REPO_ROOT, 'config/crd/auditpolicy.dev_clusterauditreports.yaml');
const METADATA = 'da099788';

beforeAll(async () => {
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api, 'kcm');
  await installRbac(api);
  folder = await mkdtemp(join(tmpdir(), 'reports-'));
  kubeconfig = await operatorKubeconfig(api, join(folder, 'kubeconfig'));
  s = await Scenario.start('reports', { kubeconfig, clock: scaledClock(2) }, api);
  kcm = startKcm(api, { namespace: s.namespace });
  await s.fleet.createPolicy('metadata');
}, 120_000);

afterAll(async () => {
  await kcm.stop();
  await s.stop();
  await controlPlane.stop();
  await rm(folder, { recursive: true });
});

const path = (cluster: string) => auditReports(s.namespace, cluster);
const agrees = (report: KubeObject | undefined) => dig(report, 'status', 'conditions', 0);

/** Waits for the verdict and answers the report. */
const expectReport = (cluster: string, status: string, reason: string, message = '') =>
  eventually(async () => {
    const report = await api.find(path(cluster));
    expect(agrees(report)).toMatchObject({
      type: 'Agrees',
      status,
      reason,
      message: expect.stringContaining(message) as string,
    });
    return report!;
  });

/** Everything that the operator has sent, Events and all. */
const writes = (from = 0) =>
  s.operator.writes.slice(from).map(({ verb, resource, name }) => `${verb} ${resource.kind}/${name.name}`);
const reads = (from = 0) =>
  s.operator.exchanges
    .slice(from)
    .filter(({ method, isStream, path: at }) => method === 'GET' && !isStream && at.includes('/configmaps/'))
    .map(({ path: at }) => at.split('/').at(-1));
const quiet = () => s.settledWrites(600);

test('without the CRD of reports nothing is written, and nothing else is amiss', async () => {
  await s.fleet.createDeployment('c', { auditPolicy: 'metadata' });
  await eventually(async () => expect(await s.hash('c')).toBe(METADATA));
  await quiet();
  expect(s.operator.writes).toEqual([]);
});

test('installed later: the report appears, named as and owned by the ClusterDeployment', async () => {
  await installCrdFiles(api, [REPORTS_CRD]);
  const report = await expectReport('c', 'True', 'Succeeded', 'hash da099788');
  const deployment = await s.fleet.deployment('c');
  expect(report.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterDeployment',
      name: 'c',
      uid: deployment.metadata.uid,
    },
  ]);
  expect(report.metadata).not.toHaveProperty('finalizers');
  const sha256 = dig(report, 'status', 'wanted', 'sha256');
  expect(report.status).toMatchObject({
    observedGeneration: report.metadata.generation,
    policy: { name: 'metadata', generation: 1, hash: METADATA, rules: 1 },
    wanted: { hash: METADATA, sha256: expect.stringMatching(/^da099788[0-9a-f]{56}$/) as string },
    written: { hash: METADATA, configMap: { name: 'c-audit-policy', hash: METADATA, sha256 } },
    kubernetesVersion: '1.36',
    kubernetesVersionAssumed: false,
  });
  await quiet();
  expect(writes()).toEqual(['create ClusterAuditReport/c']);
});

test('kubectl get car: one line says it', async () => {
  const { body } = await api.raw('GET', auditReports(s.namespace), {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  const columns = asArray(dig(body, 'columnDefinitions'), 'columns').map(
    (column) => `${String(dig(column, 'name'))}${dig(column, 'priority') === 0 ? '' : ' (wide)'}`,
  );
  expect(columns).toEqual([
    'Name',
    'Policy',
    'Agrees',
    'Reason',
    'Wanted',
    'Written',
    'Age',
    'Message (wide)',
  ]);
  const cells = asArray(dig(body, 'rows', 0, 'cells'), 'cells');
  expect(cells.slice(0, 6)).toEqual(['c', 'metadata', 'True', 'Succeeded', METADATA, METADATA]);
});

const chatter = {
  type: 'Chatter',
  status: 'True',
  reason: 'Chatter',
  lastTransitionTime: '2026-11-01T00:00:00Z',
};

test("F14: KCM's chatter causes no write and no read", async () => {
  await quiet();
  const [write, read, turns] = [s.operator.writes.length, s.operator.exchanges.length, kcm.turns];
  for (let round = 0; round < 8; round += 1) {
    const flips = { ...chatter, message: String(round) };
    const { conditions } = (await s.fleet.deployment('c')).status ?? {};
    await api.patchStatus(clusterDeployments(s.namespace, 'c'), {
      conditions: [
        ...asArray(conditions, 'conditions').filter((one) => dig(one, 'type') !== 'Chatter'),
        flips,
      ],
    });
    await api.mergePatch(helmReleases(s.namespace, 'c'), {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': String(round) } },
    });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await quiet();
  expect(kcm.turns).toBeGreaterThan(turns + 4);
  expect(writes(write)).toEqual([]);
  expect(reads(read)).toEqual([]);
});

test('another policy is named: KCM writes, and one report says so', async () => {
  await s.fleet.createPolicy('request', [{ level: 'Request' }]);
  await quiet();
  const from = s.operator.writes.length;
  await s.fleet.setReference('c', 'request');
  const report = await expectReport('c', 'True', 'Succeeded', 'policy "request"');
  expect(dig(report, 'status', 'written', 'hash')).toBe(dig(report, 'status', 'wanted', 'hash'));
  expect(report.status?.observedGeneration).toBe(report.metadata.generation);
  await quiet();
  expect(writes(from)).toEqual(['mergePatch ClusterAuditReport/c']);
});

test('a policy that kube-apiserver would not start with: KCM writes it, the report says what it is', async () => {
  await s.fleet.createPolicy('none', []);
  await s.fleet.setReference('c', 'none');
  const report = await expectReport('c', 'False', 'PolicyRefused', 'KCM has written hash');
  expect(report.status).not.toHaveProperty('wanted');
  expect(dig(report, 'status', 'policy')).toEqual({ name: 'none', generation: 1 });
});

test('A25: a policy that this version would refuse: said with the version', async () => {
  await kcm.stop();
  kcm = startKcm(api, { namespace: s.namespace, k8sVersion: 'v1.34.2+k0s.0' });
  await s.fleet.createPolicy('any-group', [{ level: 'Metadata', resources: [{ group: '*' }] }]);
  await s.fleet.setReference('c', 'any-group');
  const report = await expectReport('c', 'False', 'PolicyUnfit', 'KCM has written it');
  expect(dig(agrees(report), 'message')).toContain('kube-apiserver 1.34 would refuse it');
  expect(dig(report, 'status', 'kubernetesVersion')).toBe('1.34');
  await kcm.stop();
  kcm = startKcm(api, { namespace: s.namespace });
  await expectReport('c', 'True', 'Succeeded', 'Checked for Kubernetes 1.36');
});

test('a policy that is missing, and then there', async () => {
  await s.fleet.setReference('c', 'later');
  await expectReport('c', 'False', 'PolicyNotFound', '"later" does not exist');
  await s.fleet.createPolicy('later', [{ level: 'Metadata', users: ['a'] }]);
  await expectReport('c', 'True', 'Succeeded', 'policy "later"');
});

test('a ConfigMap that somebody changed is found out, at the latest when it is looked at again', async () => {
  // KCM does not watch its ConfigMaps, and a scaled clock makes ten minutes a second.
  const own = await Scenario.start(
    'look-again',
    { kubeconfig, clock: scaledClock(LOOK_AGAIN_MS / 1000) },
    api,
  );
  try {
    const other = startKcm(api, { namespace: own.namespace });
    await own.fleet.createPolicy('metadata');
    await own.fleet.createDeployment('c', { auditPolicy: 'metadata' });
    const reason = async () => dig(agrees(await api.find(auditReports(own.namespace, 'c'))), 'reason');
    await eventually(async () => expect(await reason()).toBe('Succeeded'));
    await other.stop();
    const from = await own.settledWrites();
    const target = configMaps(own.namespace, 'c-audit-policy');
    await api.mergePatch(target, { data: { policy: 'rules: [{level: None}]' } });
    await eventually(async () => expect(await reason()).toBe('ConfigMapDiffers'));
    await api.delete(target);
    await eventually(async () => expect(await reason()).toBe('ConfigMapNotFound'));
    expect(own.writesSince(from)).toEqual([
      'mergePatch ClusterAuditReport/c',
      'mergePatch ClusterAuditReport/c',
    ]);
  } finally {
    await own.operator.stop();
    await own.pauseFlux();
  }
});

test('A6: a report that an administrator fakes, strips or deletes is put right, once', async () => {
  await expectReport('c', 'True', 'Succeeded');
  await quiet();
  const from = s.operator.writes.length;
  await api.mergePatch(path('c'), {
    metadata: { ownerReferences: null, annotations: { mine: 'stays' } },
    status: { written: { hash: '00000000' }, wanted: null, conditions: [] },
  });
  const report = await eventually(async () => {
    const found = await expectReport('c', 'True', 'Succeeded');
    expect(found.metadata.ownerReferences).toHaveLength(1);
    return found;
  });
  expect(report.metadata.annotations).toEqual({ mine: 'stays' });
  expect(dig(report, 'status', 'written', 'hash')).toBe(dig(report, 'status', 'wanted', 'hash'));
  await quiet();
  expect(writes(from)).toHaveLength(1);
  await api.delete(path('c'));
  await expectReport('c', 'True', 'Succeeded');
  await quiet();
  expect(writes(from)).toHaveLength(2);
});

test('a restart writes nothing: the report is read, not made anew', async () => {
  await quiet();
  await s.restartOperator();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(writes()).toEqual([]);
});

test('cleared: what KCM leaves behind is told, and the report goes when nothing is in place', async () => {
  await kcm.stop();
  await s.fleet.setReference('c', null);
  await expectReport('c', 'False', 'LeftBehind', 'ConfigMap "c-audit-policy"');
  kcm = startKcm(api, { namespace: s.namespace });
  await eventually(async () => expect(await api.find(path('c'))).toBeUndefined());
  expect(await s.configMap('c')).toBeUndefined();
});

test('a cluster that names no policy has no report; one that KCM has not come to has', async () => {
  await api.create(clusterDeployments(s.namespace), deploymentManifest('bare'));
  await kcm.stop();
  await s.fleet.createDeployment('waits', { auditPolicy: 'metadata' });
  await expectReport('waits', 'False', 'NotWritten', 'does not exist yet');
  expect(await api.find(path('bare'))).toBeUndefined();
  kcm = startKcm(api, { namespace: s.namespace });
  await expectReport('waits', 'True', 'Succeeded');
});

test('a HelmRelease that is no longer KCM’s: the operator is its writer, and the report goes', async () => {
  await kcm.stop();
  await api.mergePatch(helmReleases(s.namespace, 'waits'), { metadata: { labels: null } });
  await eventually(async () => expect(await api.find(path('waits'))).toBeUndefined());
  await s.waitFor('waits', 'True', 'Succeeded');
  await api.mergePatch(helmReleases(s.namespace, 'waits'), {
    metadata: { labels: { 'k0rdent.mirantis.com/managed': 'true' } },
  });
  await expectReport('waits', 'True', 'Succeeded');
});

test('KCM is removed: all reports go', async () => {
  await api.create(auditPolicies(s.namespace), policyManifest('last', [{ level: 'Metadata' }]));
  await api.delete(crds('managements.k0rdent.mirantis.com'));
  await eventually(async () => expect(await api.list(auditReports(s.namespace))).toEqual([]));
});
