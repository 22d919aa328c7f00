import { Command } from 'commander';
import { describeWrite } from '../../../src/cli/dry-run-log.ts';
import { environmentName, readEnvironment } from '../../../src/cli/environment.ts';
import { addManagerOptions } from '../../../src/cli/manager-options.ts';
import { ownNamespace } from '../../../src/cli/own-namespace.ts';
import type { WriteRequest } from '../../../src/kube/client.ts';
import { TestFolder, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

async function optionsOf(args: string[], env: Record<string, string> = {}): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> = {};
  const command = addManagerOptions(new Command('manager'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((options: Record<string, unknown>) => {
      found = options;
    })
    .hook('preAction', (_, self) => readEnvironment(self, env));
  await command.parseAsync(args, { from: 'user' });
  return found;
}

const DEFAULTS = {
  workers: 32,
  maxInFlight: 32,
  assumeKubernetesVersion: { major: 1, minor: 34 },
  rollDeadline: 1_800_000,
  configmapRetention: 3_600_000,
  maxConcurrentChanges: 10,
  revisionHistoryLimit: 10,
  dryRun: false,
  logLevel: 'info',
  leaderElect: false,
  leaderElectionId: 'audit-policy-operator',
  leaseDuration: 15_000,
  renewDeadline: 10_000,
  retryPeriod: 2_000,
  metricsBindAddress: 'off',
  healthProbeBindAddress: 'off',
  webhookBindAddress: 'off',
  webhookSecret: 'audit-policy-operator-webhook-tls',
  webhookService: 'audit-policy-operator-webhook',
  webhookConfiguration: 'audit-policy-operator',
  webhookLint: true,
};

/** A value for each option, as written and as read. */
const VALUES: Record<string, [written: string, key: string, read: unknown]> = {
  AUDIT_POLICY_KUBECONFIG: ['/etc/kubeconfig', 'kubeconfig', '/etc/kubeconfig'],
  AUDIT_POLICY_CONTEXT: ['prod', 'context', 'prod'],
  AUDIT_POLICY_WATCH_NAMESPACE: ['fleet,other', 'watchNamespace', ['fleet', 'other']],
  AUDIT_POLICY_WORKERS: ['4', 'workers', 4],
  AUDIT_POLICY_MAX_IN_FLIGHT: ['8', 'maxInFlight', 8],
  AUDIT_POLICY_ASSUME_KUBERNETES_VERSION: ['v1.35.1', 'assumeKubernetesVersion', { major: 1, minor: 35 }],
  AUDIT_POLICY_ROLL_DEADLINE: ['1h30m', 'rollDeadline', 5_400_000],
  AUDIT_POLICY_CONFIGMAP_RETENTION: ['0', 'configmapRetention', 0],
  AUDIT_POLICY_MAX_CONCURRENT_CHANGES: ['3', 'maxConcurrentChanges', 3],
  AUDIT_POLICY_REVISION_HISTORY_LIMIT: ['0', 'revisionHistoryLimit', 0],
  AUDIT_POLICY_DRY_RUN: ['true', 'dryRun', true],
  AUDIT_POLICY_LOG_LEVEL: ['debug', 'logLevel', 'debug'],
  AUDIT_POLICY_NAMESPACE: ['own', 'namespace', 'own'],
  AUDIT_POLICY_LEADER_ELECT: ['true', 'leaderElect', true],
  AUDIT_POLICY_LEADER_ELECTION_ID: ['x.y', 'leaderElectionId', 'x.y'],
  AUDIT_POLICY_LEASE_DURATION: ['1m', 'leaseDuration', 60_000],
  AUDIT_POLICY_RENEW_DEADLINE: ['5s', 'renewDeadline', 5_000],
  AUDIT_POLICY_RETRY_PERIOD: ['500ms', 'retryPeriod', 500],
  AUDIT_POLICY_METRICS_BIND_ADDRESS: [':8080', 'metricsBindAddress', { port: 8080 }],
  AUDIT_POLICY_HEALTH_PROBE_BIND_ADDRESS: [
    '[::1]:8081',
    'healthProbeBindAddress',
    { host: '::1', port: 8081 },
  ],
  AUDIT_POLICY_WEBHOOK_BIND_ADDRESS: [':9443', 'webhookBindAddress', { port: 9443 }],
  AUDIT_POLICY_WEBHOOK_CERT_DIR: ['/tls', 'webhookCertDir', '/tls'],
  AUDIT_POLICY_WEBHOOK_SECRET: ['x-tls', 'webhookSecret', 'x-tls'],
  AUDIT_POLICY_WEBHOOK_SERVICE: ['x', 'webhookService', 'x'],
  AUDIT_POLICY_WEBHOOK_CONFIGURATION: ['x', 'webhookConfiguration', 'x'],
  AUDIT_POLICY_WEBHOOK_LINT: ['false', 'webhookLint', false],
  AUDIT_POLICY_WEBHOOK_LINT_PROFILE: ['cis,pci', 'webhookLintProfile', ['cis', 'pci']],
};

describe('options and environment', () => {
  test('nothing given: the defaults', async () => expect(await optionsOf([])).toEqual(DEFAULTS));

  test('every option has its variable', () => {
    const names = addManagerOptions(new Command()).options.map(environmentName);
    expect(names.sort()).toEqual(Object.keys(VALUES).sort());
  });

  test.each(Object.entries(VALUES))('%s', async (variable, [written, key, read]) => {
    expect(await optionsOf([], { [variable]: written })).toEqual({ ...DEFAULTS, [key]: read });
  });

  test.each(Object.entries(VALUES))(
    'the option that goes with %s',
    async (variable, [written, key, read]) => {
      const option = `--${variable.replace('AUDIT_POLICY_', '').toLowerCase().replaceAll('_', '-')}`;
      expect(await optionsOf([option, written])).toEqual({ ...DEFAULTS, [key]: read });
      expect(await optionsOf([`${option}=${written}`])).toEqual({ ...DEFAULTS, [key]: read });
    },
  );

  test('the option wins over the variable; an empty variable is none', async () => {
    expect(await optionsOf(['--workers', '2'], { AUDIT_POLICY_WORKERS: '4' })).toMatchObject({ workers: 2 });
    expect(await optionsOf([], { AUDIT_POLICY_WORKERS: '' })).toEqual(DEFAULTS);
  });

  test.each([
    ['--dry-run', {}, true],
    ['--dry-run=false', {}, false],
    ['--dry-run=1', {}, true],
    ['', { AUDIT_POLICY_DRY_RUN: 'false' }, false],
    ['', { AUDIT_POLICY_DRY_RUN: '0' }, false],
    ['', { AUDIT_POLICY_DRY_RUN: 'TRUE' }, true],
    ['--dry-run=false', { AUDIT_POLICY_DRY_RUN: 'true' }, false],
    ['--dry-run', { AUDIT_POLICY_DRY_RUN: 'false' }, true],
  ])('a dry run: %j with %j is %j', async (flag, env, dryRun) => {
    expect(await optionsOf(flag === '' ? [] : [flag], env)).toMatchObject({ dryRun });
  });

  test.each([
    ['AUDIT_POLICY_DRY_RUN', 'yes', 'Must be true, false, 1 or 0.'],
    ['AUDIT_POLICY_WORKERS', '0', 'Must be a whole number, 1 or more.'],
    ['AUDIT_POLICY_WORKERS', '1e3', 'Must be a whole number, 1 or more.'],
    ['AUDIT_POLICY_MAX_IN_FLIGHT', '99999999999999999999', 'Must be a whole number, 1 or more.'],
    ['AUDIT_POLICY_ROLL_DEADLINE', '30', 'Write it like 30s, 10m or 1h30m.'],
    ['AUDIT_POLICY_ROLL_DEADLINE', '1h!', 'Write it like 30s, 10m or 1h30m.'],
    ['AUDIT_POLICY_ASSUME_KUBERNETES_VERSION', 'latest', 'Write it like 1.34 or v1.34.2.'],
    ['AUDIT_POLICY_WATCH_NAMESPACE', 'a,B', 'Must be the name of a namespace'],
    ['AUDIT_POLICY_WATCH_NAMESPACE', 'a,', 'Must be the name of a namespace'],
    ['AUDIT_POLICY_NAMESPACE', 'a.b', 'Must be the name of a namespace'],
    ['AUDIT_POLICY_LEADER_ELECTION_ID', '../x', 'Must be the name of an object'],
    ['AUDIT_POLICY_METRICS_BIND_ADDRESS', '8080', 'Write it like :8080'],
    ['AUDIT_POLICY_METRICS_BIND_ADDRESS', ':65536', 'Write it like :8080'],
    ['AUDIT_POLICY_HEALTH_PROBE_BIND_ADDRESS', '::1:8081', 'Write it like :8080'],
    ['AUDIT_POLICY_LOG_LEVEL', 'loud', 'Allowed choices are trace, debug'],
  ])('%s=%s is refused before anything runs', async (variable, value, message) => {
    const { code, out, err } = await run(['manager'], { env: { [variable]: value } });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`error: environment variable ${variable} is "${value}". ${message}`);
    const option = `--${variable.replace('AUDIT_POLICY_', '').toLowerCase().replaceAll('_', '-')}`;
    const byOption = await run(['manager', `${option}=${value}`]);
    expect({ code: byOption.code, err: byOption.err }).toEqual({
      code: 2,
      err: expect.stringContaining(message) as unknown,
    });
  });
});

describe('several replicas', () => {
  test('namespaces given one by one add up, and none counts twice', async () => {
    const args = ['--watch-namespace', 'a', '--watch-namespace=b,c', '--watch-namespace', 'a'];
    expect(await optionsOf(args, { AUDIT_POLICY_WATCH_NAMESPACE: 'd' })).toMatchObject({
      watchNamespace: ['a', 'b', 'c'],
    });
  });

  test.each([
    ['--lease-duration=10s', '--renew-deadline must be shorter than --lease-duration.'],
    ['--lease-duration=1500ms', '--lease-duration must be whole seconds: a Lease has no others.'],
    ['--lease-duration=0', '--lease-duration must be whole seconds: a Lease has no others.'],
    ['--retry-period=9s', '--renew-deadline must be longer than 1.2 times --retry-period.'],
    ['--retry-period=0', '--renew-deadline must be longer than 1.2 times --retry-period.'],
  ])('%s does not go with the others', async (flag, message) => {
    const { code, err } = await run(['manager', flag]);
    expect({ code, err }).toEqual({ code: 2, err: `error: ${message}\n` });
  });

  test('the own namespace: the option, then the Pod’s variable, and otherwise it must be said', () => {
    const env = { POD_NAMESPACE: 'of-the-pod' };
    expect(ownNamespace({ namespace: 'own' }, { env })).toBe('own');
    expect(ownNamespace({}, { env })).toBe('of-the-pod');
    expect(() => ownNamespace({}, { env: { POD_NAMESPACE: '' } })).toThrow('give --namespace');
  });
});

describe('an unusable kubeconfig', () => {
  const rows: [what: string, content: string | undefined, message: string][] = [
    ['not there', undefined, 'cannot read kubeconfig FILE'],
    ['no YAML', 'a: [', 'cannot read kubeconfig FILE'],
    ['something else', 'kind: Pod\n', 'kubeconfig FILE has no current-context'],
    [
      'a context that leads nowhere',
      'current-context: x\ncontexts: []\nclusters: []\nusers: []\n',
      'kubeconfig FILE has no context "x"; it has: none',
    ],
  ];
  test.each(rows)('%s', async (what, content, message) => {
    const file = content === undefined ? `${folder.path}/nowhere` : folder.write(`${what}.yaml`, content);
    for (const [args, env] of [
      [['--kubeconfig', file], {}],
      [[], { AUDIT_POLICY_KUBECONFIG: file }],
      [[], { KUBECONFIG: file }],
    ] as const) {
      const { code, out, err } = await run(['manager', ...args], { env });
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^error: [^\n]*\n$/);
      expect(err).toContain(message.replace('FILE', file));
    }
  });

  test('a certificate authority that is not there', async () => {
    const cluster = { server: 'https://127.0.0.1:9', 'certificate-authority': `${folder.path}/no-ca.crt` };
    const content = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster }],
      users: [{ name: 'x', user: { token: 't' } }],
    };
    const file = folder.write('no-ca.yaml', JSON.stringify(content));
    const { code, out, err } = await run(['manager', '--kubeconfig', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: the kubeconfig's credentials cannot be read: [^\n]*no-ca\.crt[^\n]*\n$/);
  });

  test('none at all', async () => {
    const { code, err } = await run(['manager'], { env: { HOME: folder.path } });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('give a file with --kubeconfig') as unknown,
    });
  });
});

describe('what a dry run logs of a write', () => {
  const resource = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
  const write = (part: Partial<WriteRequest>): WriteRequest => ({
    verb: 'create',
    resource,
    name: { namespace: 'fleet', name: 'c-audit-policy' },
    subresource: undefined,
    body: undefined,
    ...part,
  });
  const TARGET = { kind: 'ConfigMap', namespace: 'fleet', name: 'c-audit-policy' };

  test('what changes, and of a policy its digest only', () => {
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'c-audit-policy',
        namespace: 'fleet',
        uid: 'u',
        resourceVersion: '1',
        labels: { a: 'b' },
      },
      data: { policy: 'secret rules', old: null },
      binaryData: { x: null },
    };
    const logged = describeWrite(write({ body }));
    expect(logged).toEqual({
      verb: 'create',
      ...TARGET,
      changes: {
        metadata: { labels: { a: 'b' } },
        data: {
          policy: 'sha256:c773f2aef8f0f0bb66b257bf45861ac401835002ba89aef6b8c7405034493ca5 (12 bytes)',
          old: null,
        },
        binaryData: { x: null },
      },
    });
    expect(JSON.stringify(logged)).not.toContain('secret');
  });

  test('values and status are told whole', () => {
    const values = { audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash: 'da099788' } } };
    expect(
      describeWrite(write({ verb: 'apply', body: { metadata: { name: 'c' }, spec: { values } } })),
    ).toEqual({
      verb: 'apply',
      ...TARGET,
      changes: { spec: { values } },
    });
    const patch = [{ op: 'remove', path: '/status/conditions/0' }];
    expect(describeWrite(write({ verb: 'jsonPatch', subresource: 'status', body: patch }))).toEqual({
      verb: 'jsonPatch',
      ...TARGET,
      subresource: 'status',
      changes: patch,
    });
  });

  test('a deletion changes nothing else', () => {
    const body = { kind: 'DeleteOptions', preconditions: { uid: 'u' } };
    expect(describeWrite(write({ verb: 'delete', body }))).toEqual({ verb: 'delete', ...TARGET });
  });

  test('an event: what it says', () => {
    const body = { metadata: { name: 'x' }, type: 'Normal', reason: 'R', message: 'M', count: 1 };
    const event = { ...resource, kind: 'Event' };
    expect(describeWrite(write({ resource: event, body }))).toMatchObject({
      kind: 'Event',
      changes: { type: 'Normal', reason: 'R', message: 'M' },
    });
  });
});
