import { jest } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { freePorts } from '../control-plane/ports.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { createAuthority, type Issued } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { policyManifest } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { auditPolicies, secrets, webhookConfigurations } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { buildProgram, Program, type BuiltProgram } from '../support/operator-process.ts';
import {
  CONFIGURATION,
  NAMESPACE,
  SECRET,
  untilTrusted,
  WebhookStage,
  type Replica,
  type Webhook,
} from '../support/webhook.ts';

jest.setTimeout(90_000);

const HOST = 'audit-policy-operator-webhook.audit-policy-system.svc';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PATIENT = { timeoutMs: 30_000 };

let stage: WebhookStage;
let namespace: string;
const replicas = new Set<Replica>();

beforeAll(async () => {
  stage = await WebhookStage.start();
  namespace = await createNamespace(stage.api, 'certificates');
});

afterEach(async () => {
  for (const each of replicas) await each.stop();
  replicas.clear();
  await stage.removeWebhooks();
  await stage.api.delete(secrets(NAMESPACE, SECRET));
});

afterAll(() => stage.stop());

function start(options: Parameters<WebhookStage['startReplica']>[0] = {}): Replica {
  const replica = stage.startReplica(options);
  replicas.add(replica);
  return replica;
}

/** The machine's time, moved; who waits for long waits for a moment only. */
function movedClock(): Clock & { offset: number } {
  const clock = {
    ...systemClock,
    offset: 0,
    now: () => systemClock.now() + clock.offset,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 100), signal),
  };
  return clock;
}

/** The certificate that is served at a port, PEM. */
function served(port = stage.port): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'localhost', port, rejectUnauthorized: false }, () => {
      const raw = socket.getPeerX509Certificate()?.toString() ?? '';
      socket.destroy();
      resolve(raw);
    });
    socket.on('error', reject);
  });
}

/** Whether the API server gets an answer from the webhook: a refusal can come from nowhere else. */
async function isAsked(): Promise<boolean> {
  const { status } = await stage.api.raw('POST', auditPolicies(namespace), {
    body: policyManifest('probe', [{ level: 'Metdata' }]),
    query: { dryRun: 'All' },
  });
  return status === 422;
}

const untilAsked = () => eventually(async () => expect(await isAsked()).toBe(true), PATIENT);

async function fromSecret(key: string): Promise<string> {
  return Buffer.from((await stage.secret())?.data?.[key] ?? '', 'base64').toString();
}

const countOf = (bundle: string) => bundle.match(/BEGIN CERTIFICATE/g)?.length ?? 0;

test('two replicas that start together agree through one Secret', async () => {
  await stage.installWebhooks();
  const [other = 0] = await freePorts(1);
  const both = [start(), start({ port: other })];
  for (const replica of both) await untilTrusted(stage, replica);
  await eventually(async () => {
    expect(new X509Certificate(await served()).toString()).toBe(
      new X509Certificate(await fromSecret('tls.crt')).toString(),
    );
    expect(await served(other)).toBe(await served());
  }, PATIENT);
  const bundle = await fromSecret('ca.crt');
  expect(await stage.caBundles()).toEqual([bundle, bundle, bundle]);
  expect((await stage.secret())?.metadata.labels).toEqual({
    'app.kubernetes.io/managed-by': 'audit-policy-operator',
  });
  const created = both.flatMap(({ writes }) => writes).filter(({ verb }) => verb === 'create');
  expect(created.length).toBeGreaterThanOrEqual(1);
  await untilAsked();
  expect(both[0]?.certificates.at(-1)).toEqual(new X509Certificate(await served()).validToDate);
});

test('nothing of the configuration is touched but caBundle of the webhooks that call our Service', async () => {
  await stage.installWebhooks();
  const foreign = {
    name: 'foreign.example.com',
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    clientConfig: { service: { namespace: NAMESPACE, name: 'another', path: '/' } },
    rules: [],
  };
  const path = webhookConfigurations(CONFIGURATION);
  await stage.api.jsonPatch(path, [{ op: 'add', path: '/webhooks/0', value: foreign }]);
  const before = await stage.configuration();
  const replica = start();
  await eventually(async () => {
    const bundles = await stage.caBundles();
    expect(bundles.map(countOf)).toEqual([0, 1, 1, 1]);
  }, PATIENT);
  const after = await stage.configuration();
  const bare = (webhooks: unknown) =>
    (webhooks as Webhook[]).map((webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle: '' },
    }));
  expect(bare(after.webhooks)).toEqual(bare(before.webhooks));
  expect(after.metadata.labels).toEqual(before.metadata.labels);
  expect(replica.writes.map(({ verb, resource }) => `${verb} ${resource.kind}`)).toEqual([
    'create Secret',
    'jsonPatch ValidatingWebhookConfiguration',
  ]);
});

test('a caBundle that somebody changes is put right, and so is a configuration that comes later or anew', async () => {
  const replica = start();
  await eventually(() => expect(replica.service.isReady()).toBe(true), PATIENT);
  await stage.installWebhooks();
  await untilAsked();
  const path = webhookConfigurations(CONFIGURATION);
  await stage.api.jsonPatch(path, [
    { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: Buffer.from('x').toString('base64') },
    { op: 'remove', path: '/webhooks/1/clientConfig/caBundle' },
  ]);
  await eventually(async () => expect((await stage.caBundles()).map(countOf)).toEqual([1, 1, 1]), PATIENT);
  await stage.removeWebhooks();
  await stage.installWebhooks();
  await eventually(async () => expect((await stage.caBundles()).map(countOf)).toEqual([1, 1, 1]), PATIENT);
  await untilAsked();
});

test('A17: certificate and authority are renewed without a restart, and the API server trusts what is served after each step', async () => {
  const clock = movedClock();
  clock.offset = -250 * DAY;
  await stage.installWebhooks();
  const [other = 0] = await freePorts(1);
  const replica = start({ clock });
  start({ clock, port: other });
  await untilTrusted(stage, replica);
  const authority = await fromSecret('ca.crt');

  // The certificate alone.
  clock.offset = -31 * DAY;
  await eventually(() => expect(replica.certificates).toHaveLength(2), PATIENT);
  expect(await fromSecret('ca.crt')).toBe(authority);
  await untilAsked();

  // The authority, beside the old one.
  const old = await served();
  clock.offset = -3 * HOUR;
  await eventually(async () => {
    const bundle = await fromSecret('ca.crt');
    expect(countOf(bundle)).toBe(2);
    expect(bundle).toContain(authority.trim());
    expect(await stage.caBundles()).toEqual([bundle, bundle, bundle]);
  }, PATIENT);
  expect(await served()).toBe(old);
  await untilAsked();

  // A certificate of the new authority, while both are trusted.
  clock.offset = -1.5 * HOUR;
  await eventually(async () => expect(await served()).not.toBe(old), PATIENT);
  expect(countOf(await fromSecret('ca.crt'))).toBe(2);
  await untilAsked();

  // The old authority goes.
  clock.offset = 0;
  await eventually(async () => {
    const bundle = await fromSecret('ca.crt');
    expect(countOf(bundle)).toBe(1);
    expect(bundle).not.toContain(authority.trim());
    expect(await stage.caBundles()).toEqual([bundle, bundle, bundle]);
    expect(await served(other)).toBe(await served());
  }, PATIENT);
  expect(await isAsked()).toBe(true);
});

test.each([
  ['is deleted', () => stage.api.delete(secrets(NAMESPACE, SECRET))],
  ['is broken', () => stage.api.mergePatch(secrets(NAMESPACE, SECRET), { data: { 'tls.key': 'eA==' } })],
])('a Secret that %s is made anew, and trusted', async (_, harm) => {
  await stage.installWebhooks();
  const replica = start({ clock: movedClock() });
  await untilTrusted(stage, replica);
  const before = await served();
  await harm();
  await eventually(async () => expect(await served()).not.toBe(before), PATIENT);
  await untilAsked();
});

describe('certificates of somebody else in a folder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'audit-policy-certs-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** As the kubelet writes a mounted Secret: a new folder, and a link that is swapped. */
  async function mount(version: string, { cert, key }: Issued): Promise<void> {
    await mkdir(join(dir, version));
    await writeFile(join(dir, version, 'tls.crt'), cert);
    await writeFile(join(dir, version, 'tls.key'), key);
    await symlink(version, join(dir, 'next'));
    await rename(join(dir, 'next'), join(dir, 'data'));
  }

  test('are served, and read again when they change; no Secret is touched, and no configuration', async () => {
    const authority = createAuthority('cert-manager');
    const caBundle = Buffer.from(authority.ca).toString('base64');
    await stage.installWebhooks(stage.port, (webhook) => ({
      ...webhook,
      clientConfig: { ...webhook.clientConfig, caBundle },
    }));
    const replica = start({ clock: movedClock(), certificates: { dir: join(dir, 'data') } });
    expect(replica.service.isReady()).toBe(false);
    const first = authority.issue('webhook', [HOST]);
    await mount('1', first);
    await untilAsked();
    expect(replica.service.isReady()).toBe(true);
    expect(await served()).toBe(new X509Certificate(first.cert).toString());
    // One that does not belong together is no reason to stop.
    const second = authority.issue('webhook', [HOST]);
    await mount('2', { ...second, key: first.key });
    expect(await isAsked()).toBe(true);
    await mount('3', second);
    await eventually(
      async () => expect(await served()).toBe(new X509Certificate(second.cert).toString()),
      PATIENT,
    );
    expect(await isAsked()).toBe(true);
    expect(replica.writes).toEqual([]);
    expect(replica.certificates).toHaveLength(2);
    expect(await stage.secret()).toBeUndefined();
    expect(dig(await stage.configuration(), 'metadata', 'generation')).toBe(1);
  });
});

describe('the built program', () => {
  let program: BuiltProgram;
  let manager: Program;
  beforeAll(() => {
    program = buildProgram();
  });
  beforeEach(() => stage.installWebhooks());
  afterEach(() => manager.kill());
  afterAll(() => program.remove());

  const run = (...more: string[]) =>
    new Program(program, [
      'manager',
      ...['--kubeconfig', stage.operatorKubeconfig, '--namespace', NAMESPACE],
      ...['--webhook-bind-address', `localhost:${stage.port}`],
      ...more,
    ]);

  test('makes its certificate, serves until SIGTERM, and ends by itself', async () => {
    manager = run();
    await untilAsked();
    expect(await fromSecret('tls.crt')).toContain('BEGIN CERTIFICATE');
    expect(manager.out).not.toContain('PRIVATE KEY');
    expect(await manager.stop()).toEqual({ code: 0, signal: null });
  });

  test('in a dry run serves as well, and keeps its certificate to itself', async () => {
    manager = run('--dry-run');
    await eventually(async () => expect(await served()).toContain('BEGIN CERTIFICATE'), PATIENT);
    const told = manager.log('dry run: not written').find(({ kind }) => kind === 'Secret');
    expect(told).toMatchObject({ verb: 'create', name: SECRET });
    expect(JSON.stringify(told?.changes)).toMatch(/"tls\.key":"sha256:[0-9a-f]{64} \(\d+ bytes\)"/);
    expect(await stage.secret()).toBeUndefined();
    expect((await stage.caBundles()).map(countOf)).toEqual([0, 0, 0]);
  });
});
