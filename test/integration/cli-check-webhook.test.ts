import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { runOn } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { auditPolicies } from '../support/kinds.ts';
import { writeKubeconfig } from '../support/kubeconfig.ts';
import { untilTrusted, WebhookStage, type Replica } from '../support/webhook.ts';
import type { Ended } from '../unit/cli/run.ts';

/** `check` with the project's own webhook; cli-check.test.ts has the ways in which one can be wrong. */
let stage: WebhookStage;
let replica: Replica;
let folder: string;
let administrator: string;

beforeAll(async () => {
  stage = await WebhookStage.start();
  folder = await mkdtemp(join(tmpdir(), 'audit-policy-check-'));
  const { server, ca } = stage.api;
  administrator = await writeKubeconfig(join(folder, 'kubeconfig'), { server, ca, token: stage.token });
  await stage.installWebhooks();
  replica = stage.startReplica();
  await untilTrusted(stage, replica);
}, 120_000);

afterAll(async () => {
  await replica.stop();
  await stage.stop();
  await rm(folder, { recursive: true, force: true });
});

const check = (...args: string[]): Promise<Ended> =>
  runOn(administrator, ['check', '--require-webhook', ...args]);

async function untilSaid(part: string, ...args: string[]): Promise<Ended> {
  return await eventually(
    async () => {
      const ended = await check(...args);
      expect(ended.out).toContain(part);
      return ended;
    },
    { timeoutMs: 30_000, intervalMs: 200 },
  );
}

test('up: a bad policy is refused, a good one would pass, and none is made', async () => {
  const ended = await untilSaid(
    '✔ webhook policies.auditpolicy.dev refuses a bad policy and lets a good one pass\n',
  );
  expect(ended.code).toBe(0);
  expect(await stage.api.list(auditPolicies('default'))).toEqual([]);
});

test('in the operator’s own namespace it is not asked, and the check says so', async () => {
  const ended = await untilSaid(
    'but a bad policy passed in namespace "audit-policy-system"',
    '--webhook-namespace',
    'audit-policy-system',
  );
  expect(ended.code).toBe(1);
});

test('down: it cannot be called, with the API server’s reason; up again in time for --wait', async () => {
  await replica.stop();
  const ended = await untilSaid('✗ webhook policies.auditpolicy.dev cannot be called: ');
  expect(ended.code).toBe(1);
  expect(ended.out).toContain('connection refused');
  const waiting = check('--wait', '5m', '--interval', '200ms');
  replica = stage.startReplica();
  expect((await waiting).code).toBe(0);
}, 90_000);
