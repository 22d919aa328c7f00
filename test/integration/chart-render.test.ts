import { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { addManagerOptions } from '../../src/cli/manager-options.ts';
import { PROFILES } from '../../src/policy/lint/profiles.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { sharedKubeconfig } from '../support/api.ts';
import { CHART, NAMESPACE, RELEASE, idOf, kustomizeBuild, only, set, template } from '../support/chart.ts';
import type { Manifest } from '../support/chart.ts';
import { asArray, asRecord, asString, dig, isRecord } from '../support/json.ts';
import { runHelm } from '../support/run-helm.ts';

/** All that is off by default. */
const EVERYTHING = set({
  'webhook.certManager.enabled': true,
  'crds.standaloneClusterDeployment': true,
  'metrics.serviceMonitor.enabled': true,
  'metrics.serviceMonitor.renderMode': 'alwaysRender',
  'metrics.prometheusRule.enabled': true,
  'metrics.prometheusRule.renderMode': 'alwaysRender',
  'metrics.grafanaDashboard.enabled': true,
  'watchNamespaces[0]': 'fleet',
});

async function chartJson(file: string): Promise<unknown> {
  return parse(await readFile(join(CHART, file), 'utf8'));
}

describe('the chart', () => {
  test.each([
    ['by default', []],
    ['with everything on', EVERYTHING],
  ])('passes helm lint --strict %s', async (_, args) => {
    expect(await runHelm(['lint', '--strict', CHART, ...args])).toMatch(
      /1 chart\(s\) linted, 0 chart\(s\) failed/,
    );
  });

  test('has the version of the package, and Artifact Hub’s annotations', async () => {
    const { version } = asRecord(parse(await readFile(join(REPO_ROOT, 'package.json'), 'utf8')), 'package');
    const chart = await chartJson('Chart.yaml');
    expect([dig(chart, 'version'), dig(chart, 'appVersion')]).toEqual([version, version]);
    const annotations = asRecord(dig(chart, 'annotations'), 'annotations');
    const hub = (name: string): unknown => parse(asString(annotations[`artifacthub.io/${name}`], name));
    const image = dig(
      only(await template(), 'Deployment'),
      'spec',
      'template',
      'spec',
      'containers',
      0,
      'image',
    );
    expect(hub('images')).toEqual([{ name: RELEASE, image }]);
    const crds = (await template()).filter(({ kind }) => kind === 'CustomResourceDefinition');
    const listed = asArray(hub('crds'), 'crds').map((crd) => dig(crd, 'name'));
    expect(listed.toSorted()).toEqual(crds.map((crd) => dig(crd, 'metadata', 'name')).toSorted());
    expect(hub('crdsExamples')).toEqual([expect.objectContaining({ kind: 'ClusterAuditPolicy' })]);
    expect(hub('changes')).not.toHaveLength(0);
    expect(annotations).toMatchObject({
      'artifacthub.io/category': 'security',
      'artifacthub.io/license': 'Apache-2.0',
      'artifacthub.io/operator': 'true',
    });
  });

  // The shared server has CRDs that were put there without Helm.
  test('says what to do next, what it left out, and what webhooks would have done', async () => {
    const notes = async (values: Record<string, boolean>): Promise<string> => {
      const flags = ['--dry-run=server', '--namespace', NAMESPACE, ...set({ 'crds.own': false, ...values })];
      return await runHelm(['install', 'notes', CHART, ...flags], sharedKubeconfig());
    };
    const usual = await notes({});
    expect(usual).toMatch(
      /Next, see that everything works:\n\n {2}kubectl --namespace audit-policy-system exec .* check --wait 2m/,
    );
    expect(usual).toMatch(
      /ClusterAuditPolicy was there already and belongs to somebody who installed it without Helm/,
    );
    const special = [
      'manager.dryRun is true: writes are logged and not sent.',
      'No ServiceMonitor was made',
      'No PrometheusRule was made',
      'Webhooks are off',
    ];
    for (const text of special) expect(usual).not.toContain(text);
    const other = await notes({
      'manager.dryRun': true,
      'webhook.enabled': false,
      'metrics.serviceMonitor.enabled': true,
      'metrics.prometheusRule.enabled': true,
    });
    for (const text of special) expect(other).toContain(text);
  });
});

test('a dry run registers no webhook: it keeps its certificate to itself, so that every policy would be refused', async () => {
  const kinds = async (values = {}) => (await template(set(values))).map(({ kind }) => kind);
  expect(await kinds()).toContain('ValidatingWebhookConfiguration');
  expect(await kinds({ 'manager.dryRun': true })).not.toContain('ValidatingWebhookConfiguration');
});

test('the notes name the check of this release', async () => {
  const values = { 'crds.own': false, 'watchNamespaces[0]': 'fleet' };
  const flags = ['--dry-run=server', '--namespace', 'elsewhere', ...set(values)];
  const notes = await runHelm(['install', 'mine', CHART, ...flags], sharedKubeconfig());
  expect(notes).toMatch(
    /exec deployment\/mine-audit-policy-operator -- .* check --wait 2m --operator-name=mine-audit-policy-operator --operator-namespace=elsewhere --namespace=fleet\n/,
  );
});

describe('values.schema.json', () => {
  test.each([
    ['webhok.enabled=true', /additional properties 'webhok' not allowed/],
    ['webhook.certManager.enabeld=true', /webhook\/certManager'.*'enabeld' not allowed/],
    ['crds.k0rdent=sometimes', /crds\/k0rdent'.*'auto', 'always', 'never'/],
    ['replicaCount=two', /replicaCount'.*got string, want integer/],
    ['manager.rollDeadline=30', /manager\/rollDeadline'.*got number, want string/],
    ['manager.rollDeadline=30min', /manager\/rollDeadline'.*does not match pattern/],
    ['image.digest=latest', /image\/digest'.*does not match pattern/],
    ['webhook.timeoutSeconds=31', /webhook\/timeoutSeconds'.*maximum/],
    ['webhook.lint.profiles[0]=sic', /webhook\/lint\/profiles\/0'.*'baseline', 'cis', 'stig'/],
  ])('refuses %s by name', async (value, message) => {
    await expect(template(['--set', value])).rejects.toThrow(message);
  });

  test('knows the profiles of lint', async () => {
    const schema = await chartJson('values.schema.json');
    const path = ['webhook', 'properties', 'lint', 'properties', 'profiles', 'items', 'enum'];
    expect(dig(schema, 'properties', ...path)).toEqual(Object.keys(PROFILES));
  });

  test('knows every value of values.yaml and no other, and takes none that it does not know', async () => {
    const described = propertiesOf(await chartJson('values.schema.json'));
    const written = keysOf(await chartJson('values.yaml'));
    // What Helm itself hands to every chart, and what is a map of the user's own keys.
    const expected = described.filter(
      (path) => path !== 'global' && !path.startsWith('webhook.certManager.issuerRef.'),
    );
    expect(expected.toSorted()).toEqual(written.toSorted());
  });
});

/** Paths of all properties of a schema. @throws Error when an object with properties takes others, too */
function propertiesOf(schema: unknown, prefix = ''): string[] {
  const properties = dig(schema, 'properties');
  if (!isRecord(properties)) return [];
  if (dig(schema, 'additionalProperties') !== false) throw new Error(`"${prefix}" takes any property`);
  return Object.entries(properties).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const below = propertiesOf(value, `${path}.`);
    return below.length === 0 ? [path] : below;
  });
}

/** Maps whose keys are the user's or Kubernetes' own. */
const FREE = ['resources', 'webhook.certManager.issuerRef'];

function keysOf(value: unknown, prefix = ''): string[] {
  return Object.entries(asRecord(value, prefix)).flatMap(([name, each]) => {
    const path = `${prefix}${name}`;
    const isGroup = isRecord(each) && Object.keys(each).length > 0 && !FREE.includes(path);
    if (path === 'webhook.certManager.issuerRef') return [];
    return isGroup ? keysOf(each, `${path}.`) : [path];
  });
}

describe('config/default', () => {
  test('is what the chart installs, but for Helm’s own marks and the check that Helm runs', async () => {
    const chart = (await template()).filter(
      (each) => dig(each, 'metadata', 'annotations', 'helm.sh/hook') === undefined,
    );
    const config = (await kustomizeBuild('config/default')).filter(({ kind }) => kind !== 'Namespace');
    expect(byId(config.map(plain))).toEqual(byId(chart.map(plain)));
    expect(Object.keys(byId(chart)).length).toBeGreaterThan(10);
  });

  test('has the namespace that Helm makes, in which nothing may run but what Pod Security "restricted" allows', async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const namespace = only(await kustomizeBuild('config/default'), 'Namespace');
    expect(namespace).toMatchObject({ metadata: { name: NAMESPACE, labels } });
  });

  test('beside KCM is the same without ClusterAuditPolicy', async () => {
    const all = (await kustomizeBuild('config/default')).map(idOf);
    const policies = 'CustomResourceDefinition clusterauditpolicies.k0rdent.mirantis.com';
    expect(all).toContain(policies);
    expect((await kustomizeBuild('config/beside-kcm')).map(idOf)).toEqual(
      all.filter((id) => id !== policies),
    );
  });
});

/** Helm says by these whose an object is, and from which chart. */
const HELM_LABELS = ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version'];
const HELM_ANNOTATIONS = ['helm.sh/resource-policy', 'auditpolicy.dev/crds'];

function plain(manifest: Manifest): Manifest {
  const metadata = asRecord(manifest.metadata, 'metadata');
  const without = (map: unknown, names: string[]): object =>
    Object.fromEntries(Object.entries(isRecord(map) ? map : {}).filter(([name]) => !names.includes(name)));
  return {
    ...manifest,
    metadata: {
      ...metadata,
      labels: without(metadata.labels, HELM_LABELS),
      annotations: without(metadata.annotations, HELM_ANNOTATIONS),
    },
  };
}

function byId(manifests: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(manifests.map((each) => [idOf(each), each]));
}

describe('what the values change', () => {
  test('the program takes every flag, and for what it takes it', async () => {
    const optionsOf = async (args: string[]): Promise<unknown> => {
      const [command, ...flags] = asArray(await managerArgs(args), 'args').map(String);
      expect(command).toBe('manager');
      return addManagerOptions(new Command().exitOverride()).parse(flags, { from: 'user' }).opts();
    };
    expect(await optionsOf([])).toMatchObject({
      leaderElect: true,
      leaderElectionId: RELEASE,
      webhookSecret: `${RELEASE}-webhook-tls`,
      webhookService: `${RELEASE}-webhook`,
      webhookConfiguration: RELEASE,
      rollDeadline: 30 * 60_000,
      dryRun: false,
    });
    expect(await optionsOf(EVERYTHING)).toMatchObject({ webhookCertDir: '/tls', watchNamespace: ['fleet'] });
    const values = {
      'webhook.enabled': false,
      'manager.assumeKubernetesVersion': 'v1.35',
      'manager.dryRun': true,
    };
    expect(await optionsOf(set(values))).toMatchObject({
      dryRun: true,
      assumeKubernetesVersion: { minor: 35 },
    });
  });

  test('more than one replica without leader election is refused', async () => {
    const off = set({ 'leaderElection.enabled': false });
    await expect(template(off)).rejects.toThrow(
      /leaderElection\.enabled is false and replicaCount more than 1/,
    );
    expect(await managerArgs([...off, ...set({ replicaCount: 1 })])).not.toContain('--leader-elect=true');
    expect(await managerArgs()).toContain('--leader-elect=true');
  });

  test('a ServiceAccount of one’s own must be named', async () => {
    const values = { 'serviceAccount.create': false };
    await expect(template(set(values))).rejects.toThrow(
      /serviceAccount\.name: name the ServiceAccount to use/,
    );
    const all = await template(set({ ...values, 'serviceAccount.name': 'own' }));
    expect(all.filter(({ kind }) => kind === 'ServiceAccount')).toEqual([]);
    expect(dig(only(all, 'Deployment'), 'spec', 'template', 'spec', 'serviceAccountName')).toBe('own');
    const subjects = all.flatMap((each) =>
      Array.isArray(each.subjects) ? (each.subjects as unknown[]) : [],
    );
    expect(new Set(subjects.map((subject) => dig(subject, 'name')))).toEqual(new Set(['own']));
  });

  test('an image by its digest', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const values = set({ 'image.repository': 'registry.example/apo', 'image.digest': digest });
    const [container] = containersOf(only(await template(values), 'Deployment'));
    expect(dig(container, 'image')).toBe(`registry.example/apo@${digest}`);
  });

  test('cert-manager makes the certificate, and its bundle', async () => {
    const all = await template(set({ 'webhook.certManager.enabled': true }));
    const secretName = `${RELEASE}-webhook-cert`;
    const name = `${RELEASE}-webhook`;
    expect(only(all, 'Certificate')).toMatchObject({
      spec: {
        secretName,
        dnsNames: [`${name}.${NAMESPACE}.svc`, expect.any(String)],
        issuerRef: { name, kind: 'Issuer' },
      },
    });
    expect(only(all, 'Issuer')).toMatchObject({ metadata: { name }, spec: { selfSigned: {} } });
    expect(only(all, 'ValidatingWebhookConfiguration')).toMatchObject({
      metadata: { annotations: { 'cert-manager.io/inject-ca-from': `${NAMESPACE}/${name}` } },
    });
    const pod = dig(only(all, 'Deployment'), 'spec', 'template', 'spec');
    expect(pod).toMatchObject({ volumes: [{ name: 'tls', secret: { secretName } }] });
    const args = asArray(dig(pod, 'containers', 0, 'args'), 'args');
    expect(args).toContain('--webhook-cert-dir=/tls');
    expect(args.filter((arg) => /--webhook-(secret|configuration)/.test(String(arg)))).toEqual([]);

    const issuer = {
      'webhook.certManager.issuerRef.name': 'own',
      'webhook.certManager.issuerRef.kind': 'ClusterIssuer',
    };
    const others = await template(set({ 'webhook.certManager.enabled': true, ...issuer }));
    expect(others.filter(({ kind }) => kind === 'Issuer')).toEqual([]);
    expect(only(others, 'Certificate')).toMatchObject({
      spec: { issuerRef: { name: 'own', kind: 'ClusterIssuer' } },
    });
  });

  test('without webhooks: none of their objects, ports and flags', async () => {
    const all = await template(set({ 'webhook.enabled': false }));
    expect(all.map(idOf).filter((id) => id.includes('ebhook'))).toEqual([]);
    expect(JSON.stringify(only(all, 'Deployment'))).not.toMatch(/webhook|9443/);
    expect(JSON.stringify(only(all, 'NetworkPolicy'))).not.toMatch(/9443/);
  });

  test('watched namespaces bound the webhooks, too', async () => {
    const all = await template(set({ 'watchNamespaces[0]': 'a', 'watchNamespaces[1]': 'b' }));
    const watched = { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a', 'b'] };
    const webhooks = asArray(dig(only(all, 'ValidatingWebhookConfiguration'), 'webhooks'), 'webhooks');
    for (const webhook of webhooks)
      expect(dig(webhook, 'namespaceSelector', 'matchExpressions')).toContainEqual(watched);
    expect(containersOf(only(all, 'Deployment'))[0]).toMatchObject({
      args: expect.arrayContaining(['--watch-namespace=a', '--watch-namespace=b']) as unknown,
    });
  });

  describe.each([
    ['serviceMonitor', 'ServiceMonitor'],
    ['prometheusRule', 'PrometheusRule'],
  ])('%s', (value, kind) => {
    const on = { [`metrics.${value}.enabled`]: true };
    const count = async (args: string[]): Promise<number> =>
      (await template(args)).filter((each) => each.kind === kind).length;

    test('skipIfMissing waits for its kind', async () => {
      const served = ['--api-versions', `monitoring.coreos.com/v1/${kind}`];
      expect([await count(set(on)), await count([...set(on), ...served])]).toEqual([0, 1]);
    });

    test('failIfMissing says what is missing', async () => {
      const values = set({ ...on, [`metrics.${value}.renderMode`]: 'failIfMissing' });
      await expect(template(values)).rejects.toThrow(
        new RegExp(`metrics\\.${value}\\.renderMode is failIfMissing, and this cluster has no ${kind}`),
      );
    });

    test('alwaysRender does not ask', async () => {
      expect(await count(set({ ...on, [`metrics.${value}.renderMode`]: 'alwaysRender' }))).toBe(1);
    });
  });

  test('alerts select this release’s metrics, and each says what to look at', async () => {
    const rule = only(await template(EVERYTHING), 'PrometheusRule');
    const alerts = asArray(dig(rule, 'spec', 'groups', 0, 'rules'), 'rules');
    expect(alerts.length).toBeGreaterThan(5);
    for (const alert of alerts) {
      const labels = `namespace="${NAMESPACE}",service="${RELEASE}-metrics"`;
      expect(dig(alert, 'expr')).toContain(labels);
      expect(dig(alert, 'annotations', 'description')).toMatch(/\w{3}/);
      expect(dig(alert, 'annotations', 'summary')).toMatch(/\w{3}/);
    }
    expect(JSON.stringify(rule)).not.toContain('SELECTOR');
  });

  test('the dashboard is found by Grafana’s sidecar', async () => {
    const dashboard = only(await template(EVERYTHING), 'ConfigMap', `${RELEASE}-dashboard`);
    expect(dashboard).toMatchObject({ metadata: { labels: { grafana_dashboard: '1' } } });
    const text = asString(dig(dashboard, 'data', 'audit-policy-operator.json'), 'dashboard');
    expect(asArray(dig(JSON.parse(text), 'panels'), 'panels').length).toBeGreaterThan(5);
  });

  test('further objects are templates', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } };
    const values = ['--set-json', `extraObjects=${JSON.stringify([object])}`];
    expect((await template(values)).map(idOf)).toContain(`ConfigMap ${RELEASE}-more`);
  });

  test('Pods are spread, and a drain takes one at a time', async () => {
    const all = await template();
    const selector = dig(only(all, 'Deployment'), 'spec', 'selector');
    expect(only(all, 'PodDisruptionBudget')).toMatchObject({ spec: { maxUnavailable: 1, selector } });
    const spread = asArray(
      dig(only(all, 'Deployment'), 'spec', 'template', 'spec', 'topologySpreadConstraints'),
      'spread',
    );
    expect(spread.map((each) => [dig(each, 'topologyKey'), dig(each, 'labelSelector')])).toEqual([
      ['kubernetes.io/hostname', selector],
      ['topology.kubernetes.io/zone', selector],
    ]);
    expect(dig(only(all, 'Deployment'), 'spec', 'replicas')).toBe(2);
  });

  test('A22: the NetworkPolicy lets in webhook, metrics and probes, and out DNS and the API server; also those of the check', async () => {
    const served = [
      'k0rdent.mirantis.com/v1beta1/ClusterDeployment',
      'helm.toolkit.fluxcd.io/v2/HelmRelease',
    ];
    const all = await template(served.flatMap((kind) => ['--api-versions', kind]));
    const ports = (rule: unknown): unknown[] =>
      asArray(dig(rule, 'ports'), 'ports').map((each) => dig(each, 'port'));
    const spec = asRecord(dig(only(all, 'NetworkPolicy'), 'spec'), 'spec');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(asArray(spec.ingress, 'ingress').flatMap(ports)).toEqual([8081, 9443, 8080]);
    expect(asArray(spec.egress, 'egress').flatMap(ports)).toEqual([53, 53, 443, 6443, 8443]);
    const selected = asRecord(dig(spec, 'podSelector', 'matchLabels'), 'labels');
    for (const kind of ['Deployment', 'Job'])
      expect(dig(only(all, kind), 'spec', 'template', 'metadata', 'labels')).toMatchObject(selected);
    // The Job's Pod answers nothing: no Service may send requests to it, nor does the budget count it.
    const jobLabels = dig(only(all, 'Job'), 'spec', 'template', 'metadata', 'labels');
    for (const service of all.filter(({ kind }) => kind === 'Service'))
      expect(jobLabels).not.toMatchObject(asRecord(dig(service, 'spec', 'selector'), 'selector'));
    const from = set({ 'networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.team': 'monitoring' });
    const narrowed = dig(only(await template(from), 'NetworkPolicy'), 'spec', 'ingress', 1);
    expect(narrowed).toMatchObject({
      from: [{ namespaceSelector: { matchLabels: { team: 'monitoring' } } }],
    });
  });
});

function containersOf(workload: Manifest): unknown[] {
  return asArray(dig(workload, 'spec', 'template', 'spec', 'containers'), 'containers');
}

async function managerArgs(args: string[] = []): Promise<unknown> {
  return dig(containersOf(only(await template(args), 'Deployment'))[0], 'args');
}
