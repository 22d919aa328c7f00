import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../control-plane/ports.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES, fleet, type Fleet } from '../support/fleet.ts';
import { fluxStandIn, type RunningStandIn } from '../support/flux-stand-in.ts';
import { installCrdFiles, installCrds } from '../support/install-crds.ts';
import {
  OPERATOR_NAME,
  OPERATOR_NAMESPACE,
  OPERATOR_USER,
  configObjects,
  installAdmissionPolicy,
  installRbac,
  operatorKubeconfig,
} from '../support/install-rbac.ts';
import { asArray, asRecord, asString, dig } from '../support/json.ts';
import {
  auditPolicies,
  auditReports,
  configMaps,
  controllerRevisions,
  crds,
  helmReleases,
  secrets,
  services,
  webhookConfigurations,
} from '../support/kinds.ts';
import { readKubeconfig } from '../support/kubeconfig.ts';
import { createNamespace } from '../support/namespace.ts';
import { Program, buildProgram, type BuiltProgram } from '../support/operator-process.ts';
import { describeRight, grantedTo, requestsOf, unused, type MadeRequest } from '../support/rights.ts';

/**
 * The built program lives a whole life, with the flags of config/manager and the rights of config/rbac, on an API server that notes every
 * request and calls its webhooks.
 */
const AUDIT = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [OPERATOR_USER] }, { level: 'None' }],
};
const MANAGEMENTS = join(REPO_ROOT, 'test/crds/kcm-any/managements.yaml');
const BLIND = 'rules: [{level: None}]';

let folder: string;
let controlPlane: ControlPlane;
let api: Api;
let objects: Fleet;
let flux: RunningStandIn;
let program: BuiltProgram;
let kubeconfig: string;
let webhookPort: number;
let running: Program | undefined;
/** Everything that the program has logged. */
let log = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rbac-'));
  const auditPolicyFile = join(folder, 'audit.json');
  await writeFile(auditPolicyFile, JSON.stringify(AUDIT));
  controlPlane = await startControlPlane({ auditPolicyFile });
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api);
  await installRbac(api);
  await installAdmissionPolicy(api);
  [webhookPort = 0] = await freePorts(1);
  await installWebhooks();
  kubeconfig = await operatorKubeconfig(api, join(folder, 'kubeconfig'));
  objects = fleet(api, await createNamespace(api, 'rbac'));
  flux = startFlux();
  program = buildProgram();
}, 120_000);

afterAll(async () => {
  await running?.kill();
  await flux.stop();
  api.close();
  program.remove();
  await controlPlane.stop();
  await rm(folder, { recursive: true });
});

const startFlux = (): RunningStandIn =>
  fluxStandIn(api).run({ namespace: objects.namespace, intervalMs: 50 });

/** Those of config/webhook, at a Service that leads to this machine. */
async function installWebhooks(): Promise<void> {
  await api.create(services(OPERATOR_NAMESPACE), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'audit-policy-operator-webhook' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  for (const configuration of await configObjects('webhook')) {
    const text = JSON.stringify(configuration).replaceAll('"port":443', `"port":${String(webhookPort)}`);
    await api.create(webhookConfigurations(), asRecord(JSON.parse(text), 'configuration'));
  }
}

/** The arguments of the Deployment, but for what a test has no time or port for. */
async function managerArgs(): Promise<string[]> {
  const deployment = (await configObjects('manager')).find(({ kind }) => kind === 'Deployment');
  const changed: Record<string, string> = {
    '--log-level': 'trace',
    '--revision-history-limit': '0',
    '--configmap-retention': '1ms',
    '--health-probe-bind-address': '127.0.0.1:0',
    '--metrics-bind-address': '127.0.0.1:0',
    '--webhook-bind-address': `:${String(webhookPort)}`,
  };
  const args = asArray(dig(deployment, 'spec', 'template', 'spec', 'containers', 0, 'args'), 'args').map(
    (arg) => {
      const [flag = ''] = asString(arg, 'argument').split('=');
      return flag in changed ? `${flag}=${changed[flag] ?? ''}` : String(arg);
    },
  );
  for (const flag of Object.keys(changed)) expect(args.join(' ')).toContain(flag);
  return args;
}

async function startOperator(): Promise<void> {
  const env = { KUBECONFIG: kubeconfig, POD_NAMESPACE: OPERATOR_NAMESPACE };
  running = new Program(program, await managerArgs(), env);
}

async function stopOperator(): Promise<void> {
  expect(await running?.stop()).toEqual({ code: 0, signal: null });
  log += running?.out ?? '';
}

const requests = async (): Promise<MadeRequest[]> =>
  requestsOf(await readFile(controlPlane.logs.audit, 'utf8'), OPERATOR_USER, OPERATOR_NAME);
const content = async () =>
  (await api.find(configMaps(objects.namespace, 'c-audit-policy')))?.data?.policy ?? '';
const hash = async () => dig(await objects.release('c'), 'spec', 'values', 'audit', 'policyRef', 'hash');
const kept = async () => (await api.list(controllerRevisions(objects.namespace))).length;
const report = () => api.find(auditReports(objects.namespace, 'c'));

test('a whole life', async () => {
  await startOperator();
  // Refused while nobody answers for its webhook.
  const rules = [{ level: 'Metadata', omitStages: ['RequestReceived'] }];
  await eventually(() => objects.createPolicy('p', rules), { timeoutMs: 60_000 });
  await objects.createRelease('c');
  await objects.createDeployment('c', { auditPolicy: 'p' });
  await eventually(async () => expect(await hash()).toMatch(/^[0-9a-f]{8}$/), { timeoutMs: 60_000 });

  await objects.editPolicy('p', REQUEST_RULES);
  await eventually(async () => expect(await hash()).toBe('61d03756'));
  await eventually(async () => expect(await kept()).toBe(1));

  // A change waits, so that what is in place comes back from the kept copy; twice, so that the Event is counted up.
  await api.mergePatch(helmReleases(objects.namespace, 'c'), { spec: { suspend: true } });
  await objects.editPolicy('p', [{ level: 'RequestResponse' }]);
  for (const round of ['first', 'second']) {
    const data = { policy: `${BLIND} # ${round}` };
    await api.mergePatch(configMaps(objects.namespace, 'c-audit-policy'), { data });
    await eventually(async () => expect(await content()).toContain('level: Request\n'));
  }

  // What a process that has just started is to change, it reads by name first.
  await stopOperator();
  // A certificate that nobody can use is made anew.
  await api.mergePatch(secrets(OPERATOR_NAMESPACE, 'audit-policy-operator-webhook-tls'), {
    data: { 'tls.crt': '' },
  });
  await api.mergePatch(helmReleases(objects.namespace, 'c'), { spec: { suspend: false } });
  // An API server that knows no WatchList is asked for lists.
  await flux.stop();
  await controlPlane.restartApiserver({ extraArgs: ['--feature-gates=WatchList=false'] });
  flux = startFlux();
  await startOperator();
  await eventually(async () => expect(await content()).toContain('RequestResponse'), { timeoutMs: 30_000 });

  await objects.setReference('c', null);
  await eventually(async () => expect(await content()).toBe(''), { timeoutMs: 30_000 });
}, 180_000);

test('and as an observer beside KCM', async () => {
  await installCrdFiles(api, [MANAGEMENTS]);
  await api.mergePatch(helmReleases(objects.namespace, 'c'), {
    metadata: { labels: { 'k0rdent.mirantis.com/managed': 'true' } },
  });
  await objects.setReference('c', 'p');
  await eventually(async () => expect(await report()).toBeDefined(), { timeoutMs: 30_000 });
  const before = (await report())?.metadata.resourceVersion;
  const policy = auditPolicies(objects.namespace, 'p');
  await eventually(() => expect(api.delete(policy)).rejects.toThrow('c'));
  await objects.editPolicy('p', METADATA_RULES);
  await eventually(async () => expect((await report())?.metadata.resourceVersion).not.toBe(before));
  await api.delete(crds('managements.k0rdent.mirantis.com'));
  await eventually(async () => expect(await report()).toBeUndefined(), { timeoutMs: 30_000 });
  await stopOperator();
}, 120_000);

test('neither its token nor what a policy says is in the log, however much it logs', async () => {
  const { token } = await readKubeconfig(kubeconfig);
  expect(log).toContain('"level":"debug"');
  expect(log).not.toContain(token);
  expect(log).not.toContain('omitStages');
  expect(log).not.toContain('PRIVATE KEY');
});

test('A21: every right that it has was used, and nothing that it asked for was forbidden', async () => {
  const rights = grantedTo(OPERATOR_NAME, await configObjects('rbac'));
  const made = await requests();
  expect(made.length).toBeGreaterThan(50);
  expect(unused(rights, made)).toEqual([]);
  expect(
    made.filter(({ code }) => code === 403).map((one) => `${describeRight(one)}: ${one.message}`),
  ).toEqual([]);
  // One that nothing needs would be found.
  expect(unused([...rights, { verb: 'get', group: '', resource: 'nodes' }], made)).toEqual(['get nodes']);
});
