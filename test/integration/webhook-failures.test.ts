import { jest } from '@jest/globals';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { deploymentManifest, METADATA_RULES, policyManifest } from '../support/fleet.ts';
import { auditPolicies, clusterDeployments, secrets } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { Scenario } from '../support/scenario.ts';
import { NAMESPACE, SECRET, untilTrusted, WebhookStage, type Webhook } from '../support/webhook.ts';

/** A17: what becomes of objects while the webhook cannot be asked. */

jest.setTimeout(90_000);

const NAME = 'audit-policy-operator-webhook.audit-policy-system.svc';
const DAY = 86_400_000;
const BAD_RULES = [{ level: 'Metdata' }];

let stage: WebhookStage;
let namespace: string;

beforeAll(async () => {
  stage = await WebhookStage.start();
  namespace = await createNamespace(stage.api, 'failures');
  await stage.api.create(auditPolicies(namespace), policyManifest('there', METADATA_RULES));
});

afterEach(async () => {
  await stage.removeWebhooks();
  await stage.api.delete(secrets(NAMESPACE, SECRET));
});
afterAll(() => stage.stop());

/** The webhook is not waited for for ten seconds. */
const impatient = (webhook: Webhook): Webhook =>
  webhook.failurePolicy === 'Fail' ? { ...webhook, timeoutSeconds: 1 } : webhook;

const createPolicy = (name: string, rules: unknown = METADATA_RULES) =>
  stage.api.raw('POST', auditPolicies(namespace), {
    body: policyManifest(name, rules),
    query: { dryRun: 'All' },
  });

const patch = (path: string, body: object) =>
  stage.api.raw('PATCH', path, { body, contentType: 'application/merge-patch+json' });

/** A new policy is refused because nobody can be asked; with the words of the API server. */
function untilNobodyCanBeAsked(why: RegExp): Promise<void> {
  return eventually(
    async () => {
      const { status, text } = await createPolicy('new');
      expect(status).toBe(500);
      expect(text).toMatch(/failed calling webhook \\?"policies\.auditpolicy\.dev/);
      expect(text).toMatch(why);
    },
    { timeoutMs: 30_000 },
  );
}

/** All that must go on whatever the webhook does. */
async function expectTheRestGoesOn(round: string): Promise<void> {
  const path = auditPolicies(namespace, 'there');
  expect((await patch(path, { metadata: { labels: { round } } })).status).toBe(200);
  expect((await patch(path, { metadata: { finalizers: ['example.com/x'] } })).status).toBe(200);
  expect((await patch(path, { metadata: { finalizers: null } })).status).toBe(200);
  expect((await patch(`${path}/status`, { status: { rules: 1 } })).status).toBe(200);
  const cluster = deploymentManifest(`cluster-${round}`, { auditPolicy: 'there' });
  expect((await stage.api.raw('POST', clusterDeployments(namespace), { body: cluster })).status).toBe(201);
  const deletion = await stage.api.raw('DELETE', path, { query: { dryRun: 'All' } });
  expect(deletion.status).toBe(200);
}

describe('A17: policies cannot be written, and all else goes on, while the webhook', () => {
  test('is down', async () => {
    await stage.installWebhooks(stage.port, impatient);
    const replica = stage.startReplica();
    await untilTrusted(stage, replica);
    await eventually(async () => expect((await createPolicy('new', BAD_RULES)).status).toBe(422), {
      timeoutMs: 30_000,
    });
    await replica.stop();
    await untilNobodyCanBeAsked(/connection refused/);
    await expectTheRestGoesOn('down');
  });

  test('does not answer', async () => {
    const server = await listenWith(createTcpServer());
    try {
      await stage.installWebhooks(stage.port, impatient);
      await untilNobodyCanBeAsked(/deadline|timeout/i);
      await expectTheRestGoesOn('slow');
    } finally {
      await server.close();
    }
  });

  test('has a certificate of another authority', async () => {
    const { cert, key } = createAuthority('impostor').issue('impostor', [NAME]);
    const server = await listenWith(createTlsServer({ cert, key }));
    const caBundle = Buffer.from(createAuthority('right').ca).toString('base64');
    try {
      await stage.installWebhooks(stage.port, (webhook) => {
        const trusting = impatient(webhook);
        return { ...trusting, clientConfig: { ...trusting.clientConfig, caBundle } };
      });
      await untilNobodyCanBeAsked(/unknown authority/);
      await expectTheRestGoesOn('impostor');
    } finally {
      await server.close();
    }
  });

  test('has a certificate that has expired; the next look mends that', async () => {
    let offset = -120 * DAY;
    const clock: Clock = {
      ...systemClock,
      now: () => systemClock.now() + offset,
      sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 200), signal),
    };
    await stage.installWebhooks(stage.port, impatient);
    const replica = stage.startReplica({ clock });
    try {
      await untilTrusted(stage, replica);
      await untilNobodyCanBeAsked(/expired/);
      await expectTheRestGoesOn('expired');
      offset = 0;
      await eventually(async () => expect((await createPolicy('new')).status).toBe(201), {
        timeoutMs: 30_000,
      });
    } finally {
      await replica.stop();
    }
  });
});

test('A17: a bad policy that no webhook has seen is delivered nowhere: the controllers validate again', async () => {
  await stage.installWebhooks(stage.port, (webhook) => ({ ...webhook, failurePolicy: 'Ignore' }));
  const s = await Scenario.start(
    'unseen',
    { kubeconfig: stage.operatorKubeconfig },
    stage.api.as(stage.token),
  );
  try {
    await eventually(() => s.fleet.createPolicy('bad', BAD_RULES));
    await s.fleet.createRelease('edge-1');
    await s.fleet.createDeployment('edge-1', { auditPolicy: 'bad' });
    await s.waitFor('edge-1', 'False', 'PolicyRefused', 'did you mean "Metadata"?');
    await s.settledWrites();
    expect(await s.configMap('edge-1')).toBeUndefined();
    expect(await s.hash('edge-1')).toBeUndefined();
  } finally {
    await s.stop();
  }
});

/** Listens at the port of the webhook, and never answers a request. */
async function listenWith(server: Server): Promise<{ close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  };
  server.on('connection', keep);
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(stage.port, 'localhost', resolve));
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
