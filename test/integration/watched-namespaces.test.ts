import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiFromKubeconfig, sharedApi, type Api } from '../support/api.ts';
import { template, type Manifest } from '../support/chart.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { OPERATOR_NAMESPACE, installObjects, operatorKubeconfig } from '../support/install-rbac.ts';
import { asArray, dig } from '../support/json.ts';
import { configMaps, helmReleases } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';

/** The rights that the chart gives with `watchNamespaces`: Roles there, and hardly anything beyond. */
let api: Api;
let folder: string;
let s: Scenario;
let elsewhere: string;
let operator: Api;
let rights: Manifest[];

beforeAll(async () => {
  api = await sharedApi();
  folder = await mkdtemp(join(tmpdir(), 'watched-'));
  elsewhere = await createNamespace(api, 'elsewhere');
  // The operator of this file starts in a namespace of its own, which the chart has to know first.
  s = await Scenario.start('watched', { dryRun: true });
  await s.operator.stop();
  const name = s.namespace;
  const all = await template([
    '--set',
    `watchNamespaces={${s.namespace}}`,
    '--set',
    `fullnameOverride=${name}`,
  ]);
  const kinds = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];
  const isOfTheOperator = ({ kind, metadata }: Manifest) =>
    kinds.includes(String(kind)) && !/-(check|viewer|creator)$/.test(String(dig(metadata, 'name')));
  rights = all.filter(isOfTheOperator);
  await installObjects(api, rights);
  const kubeconfig = await operatorKubeconfig(api, join(folder, 'kubeconfig'), name);
  operator = await apiFromKubeconfig(kubeconfig);
  await s.restartOperator({ dryRun: false, kubeconfig, settings: { configMapRetentionMs: 1 } });
}, 60_000);
afterAll(async () => {
  operator.close();
  api.close();
  await s.stop();
  await rm(folder, { recursive: true });
});

test('Roles in the watched namespace and its own; what is left of a ClusterRole names every object', () => {
  const where = rights
    .filter(({ kind }) => kind === 'Role')
    .map(({ metadata }) => dig(metadata, 'namespace'));
  expect(where.toSorted()).toEqual([OPERATOR_NAMESPACE, s.namespace].toSorted());
  const rules = rights
    .filter(({ kind }) => kind === 'ClusterRole')
    .flatMap((role) => asArray(role.rules, 'rules'));
  expect(rules.map((rule) => dig(rule, 'resources', 0)).toSorted()).toEqual([
    'customresourcedefinitions',
    'validatingwebhookconfigurations',
  ]);
  for (const rule of rules) expect(asArray(dig(rule, 'resourceNames'), 'names').length).toBeGreaterThan(0);
});

test('they are enough: delivered, edited, repaired, cleared', async () => {
  await s.fleet.createPolicy('p', METADATA_RULES);
  await s.deliver('c', 'p');
  await s.fleet.editPolicy('p', REQUEST_RULES);
  await s.waitForHash('c', '61d03756');
  await api.delete(configMaps(s.namespace, 'c-audit-policy'));
  await s.waitForContent('c', 'level: Request\n');
  await s.fleet.setReference('c', null);
  await eventually(async () => expect(await s.configMap('c')).toBeUndefined());
  const refused = s.operator.exchanges.filter(({ status }) => status === 403);
  expect(refused.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test('A21: and they end there', async () => {
  for (const path of [configMaps(elsewhere), helmReleases(elsewhere), '/api/v1/configmaps']) {
    expect([path, (await operator.raw('GET', path)).status]).toEqual([path, 403]);
  }
  expect((await operator.raw('GET', configMaps(s.namespace))).status).toBe(200);
});
