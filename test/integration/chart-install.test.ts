import { jest } from '@jest/globals';
import { join } from 'node:path';
import { upstreamCrds } from '../control-plane/crds.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { NAMESPACE, RELEASE, idOf, manifests, only, pathOf, set, template } from '../support/chart.ts';
import { eventually } from '../support/eventually.ts';
import { helmRelease } from '../support/helm-release.ts';
import type { HelmRelease } from '../support/helm-release.ts';
import { installCrdFiles } from '../support/install-crds.ts';
import { asArray, asRecord, dig } from '../support/json.ts';
import {
  auditPolicies,
  configMaps,
  crds,
  deployments,
  namespaces,
  pods,
  webhookConfigurations,
} from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { runHelm } from '../support/run-helm.ts';

// Each test is some calls of Helm, of a second each on an idle machine.
jest.setTimeout(120_000);

/** The kinds that must be there for the check after an install. */
const CHECKED = [
  'k0rdent.mirantis.com/v1beta1/ClusterDeployment',
  'helm.toolkit.fluxcd.io/v2/HelmRelease',
].flatMap((kind) => ['--api-versions', kind]);

const CRDS = ['clusterauditpolicies.k0rdent.mirantis.com', 'clusterauditreports.auditpolicy.dev'];
const BUNDLE = Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64');

let controlPlane: ControlPlane;
let api: Api;
let release: HelmRelease;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  release = helmRelease(controlPlane.kubeconfig);
});
afterAll(async () => {
  api.close();
  await controlPlane.stop();
});

function policy(name: string, level = 'Metadata'): object {
  const spec = { policy: { rules: [{ level }] } };
  return { apiVersion: 'k0rdent.mirantis.com/v1beta1', kind: 'ClusterAuditPolicy', metadata: { name }, spec };
}

async function replicas(): Promise<unknown> {
  return dig(await api.get(deployments(NAMESPACE, RELEASE)), 'spec', 'replicas');
}

async function bundles(): Promise<unknown[]> {
  const { webhooks } = await api.get(webhookConfigurations(RELEASE));
  return asArray(webhooks, 'webhooks').map((webhook) => dig(webhook, 'clientConfig', 'caBundle'));
}

describe('install, upgrade, rollback, uninstall', () => {
  test('an install makes every object that the chart renders, and each field has its right name', async () => {
    await release.install({ 'webhook.timeoutSeconds': 1 });
    expect(await replicas()).toBe(2);
    for (const name of CRDS)
      expect(await api.get(crds(name))).toMatchObject({
        metadata: {
          annotations: { 'helm.sh/resource-policy': 'keep', 'meta.helm.sh/release-name': RELEASE },
        },
      });
    const rendered = (await template()).filter(
      (each) => dig(each, 'metadata', 'annotations', 'helm.sh/hook') === undefined,
    );
    expect(rendered.length).toBeGreaterThan(10);
    for (const each of rendered) {
      expect(idOf(await api.get(pathOf(each)))).toBe(idOf(each));
      // Helm does not ask for strict validation: a misspelt field would be dropped.
      await api.apply(pathOf(each), each, {
        fieldManager: 'test',
        force: true,
        dryRun: true,
        fieldValidation: 'Strict',
      });
    }
  });

  test('upgrade and rollback leave the CA bundle that the operator wrote', async () => {
    expect(await bundles()).toEqual([undefined, undefined, undefined]);
    const patch = [0, 1, 2].map((index) => ({
      op: 'add',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value: BUNDLE,
    }));
    await api.jsonPatch(webhookConfigurations(RELEASE), patch, { fieldManager: RELEASE });

    await release.upgrade({ replicaCount: 3, 'webhook.timeoutSeconds': 2 });
    expect([await replicas(), await bundles()]).toEqual([3, [BUNDLE, BUNDLE, BUNDLE]]);
    await release.rollback(1);
    expect([await replicas(), await bundles()]).toEqual([2, [BUNDLE, BUNDLE, BUNDLE]]);
    const { webhooks } = await api.get(webhookConfigurations(RELEASE));
    expect(dig(webhooks, 0, 'timeoutSeconds')).toBe(1);
  });

  test('an upgrade that changes nothing leaves every object as it is', async () => {
    const before = await api.get(deployments(NAMESPACE, RELEASE));
    const definition = await api.get(crds(CRDS[0]));
    await release.upgrade({ 'webhook.timeoutSeconds': 1 });
    expect((await api.get(deployments(NAMESPACE, RELEASE))).metadata.resourceVersion).toBe(
      before.metadata.resourceVersion,
    );
    expect((await api.get(crds(CRDS[0]))).metadata.generation).toBe(definition.metadata.generation);
  });

  test('A18: with no Pod at all, its own namespace, deletions and Helm need no webhook', async () => {
    const fleet = await createNamespace(api, 'fleet');
    await release.upgrade({ replicaCount: 0, 'webhook.timeoutSeconds': 1 });
    expect(await replicas()).toBe(0);
    // Elsewhere nothing gets past a webhook that is down.
    await eventually(
      async () => {
        const create = api.create(auditPolicies(fleet), policy('p'), { dryRun: true });
        await expect(create).rejects.toThrow(/failed calling webhook "policies\.auditpolicy\.dev"/);
      },
      { timeoutMs: 60_000 },
    );
    const own = await api.create(auditPolicies(NAMESPACE), policy('own'));
    expect(own.metadata.uid).toBeDefined();
    await api.mergePatch(auditPolicies(NAMESPACE, 'own'), {
      spec: { policy: { rules: [{ level: 'None' }] } },
    });
    await api.delete(auditPolicies(NAMESPACE, 'own'));

    // A policy from before the webhook went down may be labelled and deleted, but not changed.
    await letIn(fleet, policy('older'));
    const older = auditPolicies(fleet, 'older');
    const labelled = await api.mergePatch(older, {
      metadata: { labels: { team: 'a' }, finalizers: ['example.com/hold'] },
    });
    expect(labelled.metadata.labels).toEqual({ team: 'a' });
    const change = { spec: { policy: { rules: [{ level: 'None' }] } } };
    await expect(api.mergePatch(older, change)).rejects.toThrow(/failed calling webhook "policies/);
    await api.delete(older);
    expect((await api.get(older)).metadata.deletionTimestamp).toBeDefined();
    await api.mergePatch(older, { ...change, metadata: { finalizers: null } });
    expect(await api.find(older)).toBeUndefined();

    await release.upgrade({ replicaCount: 0, 'webhook.timeoutSeconds': 1, 'manager.logLevel': 'debug' });
    await release.uninstall();
    expect(await api.find(webhookConfigurations(RELEASE))).toBeUndefined();
    await eventually(async () => {
      await api.create(auditPolicies(fleet), policy('after'), { dryRun: true });
    });
  });

  test('an uninstall leaves the CRDs and every policy, and takes the rest', async () => {
    await release.install();
    await api.create(auditPolicies(NAMESPACE), policy('kept'));
    await release.uninstall();
    expect(await api.find(auditPolicies(NAMESPACE, 'kept'))).toBeDefined();
    for (const name of CRDS) expect(await api.find(crds(name))).toBeDefined();
    expect(await api.find(webhookConfigurations(RELEASE))).toBeUndefined();
    expect(await api.find(deployments(NAMESPACE, RELEASE))).toBeUndefined();
    // What is kept still names its release, so that the next install takes it up.
    await release.install();
    expect(await api.find(auditPolicies(NAMESPACE, 'kept'))).toBeDefined();
    await release.uninstall();
  });

  test('where cert-manager and the Prometheus operator are, their objects are as they want them', async () => {
    await installCrdFiles(api, await upstreamCrds(join(REPO_ROOT, 'test/crds-chart.lock')));
    await release.install({
      'webhook.certManager.enabled': true,
      'metrics.serviceMonitor.enabled': true,
      'metrics.prometheusRule.enabled': true,
    });
    const text = await runHelm(['get', 'manifest', RELEASE, '-n', NAMESPACE], controlPlane.kubeconfig);
    for (const kind of ['Certificate', 'Issuer', 'ServiceMonitor', 'PrometheusRule']) {
      const made = only(manifests(text), kind);
      // Helm asks for no strict validation: an unknown field would be dropped.
      expect(await api.get(pathOf(made))).toMatchObject({ spec: made.spec });
    }
    await release.uninstall();
  });

  test('the longest release name makes valid names, with all that is off by default', async () => {
    const name = 'a'.repeat(53);
    const long = helmRelease(controlPlane.kubeconfig, undefined, name, 'long-names');
    // The CRDs are the other release's.
    const values = {
      'crds.own': false,
      'metrics.grafanaDashboard.enabled': true,
      'watchNamespaces[0]': NAMESPACE,
    };
    await long.install(values);
    expect(await api.find(configMaps('long-names', `${'a'.repeat(52)}-dashboard`))).toBeDefined();
    await long.uninstall();
  });
});

/** Creates an object while the webhook of policies is not asked, and waits until it is asked again. */
async function letIn(namespace: string, object: object): Promise<void> {
  const setPolicy = (value: string): Promise<unknown> =>
    api.jsonPatch(webhookConfigurations(RELEASE), [
      { op: 'replace', path: '/webhooks/0/failurePolicy', value },
    ]);
  await setPolicy('Ignore');
  await eventually(() => api.create(auditPolicies(namespace), object), { timeoutMs: 60_000 });
  await setPolicy('Fail');
  await eventually(
    async () => {
      const create = api.create(auditPolicies(namespace), policy('other'), { dryRun: true });
      await expect(create).rejects.toThrow(/failed calling webhook/);
    },
    { timeoutMs: 60_000 },
  );
}

describe('Pod Security "restricted"', () => {
  const namespace = 'restricted';
  beforeAll(async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await api.create(namespaces(), {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels },
    });
  });

  test.each([
    ['Deployment', 'its own certificates', {}],
    ['Deployment', 'cert-manager', { 'webhook.certManager.enabled': true }],
    ['Job', 'the check after an install', {}],
  ])('A22: a Pod of the %s passes, with %s', async (kind, _, values) => {
    const workload = only(await template([...CHECKED, ...set(values)]), kind);
    const spec = asRecord(dig(workload, 'spec', 'template', 'spec'), idOf(workload));
    const pod = (changed: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', labels: dig(workload, 'spec', 'template', 'metadata', 'labels') },
      spec: { ...spec, ...changed },
    });
    const options = { dryRun: true, fieldValidation: 'Strict' } as const;
    await api.create(pods(namespace), pod({}), options);
    await expect(api.create(pods(namespace), pod({ securityContext: {} }), options)).rejects.toThrow(
      /violates PodSecurity "restricted/,
    );
    expect(spec).toMatchObject({
      containers: [{ securityContext: { readOnlyRootFilesystem: true } }],
      enableServiceLinks: false,
    });
  });
});
