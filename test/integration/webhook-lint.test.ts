import { jest } from '@jest/globals';
import type { RawOptions, RawResponse } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { policyManifest } from '../support/fleet.ts';
import { auditPolicies } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { untilTrusted, WebhookStage, type Replica } from '../support/webhook.ts';

/** What lint finds, as the API server hands it to whoever writes a policy. */

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

/** The second rule cannot be reached, and its verb is none. */
const POOR = [{ level: 'Metadata' }, { level: 'Request', verbs: ['POST'] }];
const VERY_POOR = Array(50).fill({ level: 'Request', verbs: ['POST'], users: ['*'] }) as unknown[];

let stage: WebhookStage;
let replica: Replica;
let namespace: string;

beforeAll(async () => {
  stage = await WebhookStage.start();
  namespace = await createNamespace(stage.api, 'linted');
  await stage.installWebhooks();
  await start({ profiles: ['baseline'] });
});

afterAll(async () => {
  await replica.stop();
  await stage.stop();
});

async function start(lint: { profiles: ['baseline'] } | undefined): Promise<void> {
  replica = stage.startReplica({ lint });
  await untilTrusted(stage, replica);
  await eventually(async () => {
    const { status } = await create('probe', [{ level: 'Metdata' }], { query: { dryRun: 'All' } });
    expect(status).toBe(422);
  });
}

const create = (name: string, rules: unknown, options: RawOptions = {}) =>
  stage.api.raw('POST', auditPolicies(namespace), { body: policyManifest(name, rules), ...options });

const patch = (path: string, body: object) =>
  stage.api.raw('PATCH', path, { body, contentType: 'application/merge-patch+json' });

/** As kubectl prints them. The client reads headers as Latin-1, the API server writes UTF-8. */
function warningsOf({ headers }: RawResponse): string[] {
  const text = Buffer.from(headers.warning ?? '', 'latin1').toString('utf8');
  return [...text.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, one = '']) =>
    one.replaceAll(/\\(.)/g, '$1'),
  );
}

test('comes as warnings when a policy is made, rehearsed or edited, and the policy is taken', async () => {
  const unreached = 'AP011 rules[1]: no request reaches rules[1]: rules[0] takes all that it would match';
  const rehearsed = await create('poor', POOR, { query: { dryRun: 'All' } });
  expect(warningsOf(rehearsed)).toContain(unreached);
  const made = await create('poor', POOR);
  expect(made.status).toBe(201);
  expect(warningsOf(made)[0]).toMatch(/^AP009 rules\[1\]\.verbs\[0\]: no request .* has the verb "POST"$/);
  expect(warningsOf(made)).toContain(unreached);
  const edited = await patch(auditPolicies(namespace, 'poor'), {
    spec: { policy: { rules: [...POOR, { level: 'None' }] } },
  });
  expect(edited.status).toBe(200);
  expect(warningsOf(edited)).toContain(unreached);
});

test('comes to five at most, each short enough to arrive whole', async () => {
  const response = await create('very-poor', VERY_POOR);
  expect(response.status).toBe(201);
  const warnings = warningsOf(response);
  expect(warnings).toHaveLength(5);
  expect(warnings[4]).toMatch(/^and \d+ more: kubectl audit-policy lint shows all$/);
  for (const warning of warnings) expect(warning.length).toBeLessThanOrEqual(256);
});

test('a witness arrives as it was written', async () => {
  const response = await create('tokens', [{ level: 'Request' }]);
  expect(warningsOf(response).join('\n')).toMatch(
    /AP021 rules\[0\]\.level: .*\(user=jane verb=create serviceaccounts\/token .* → Request by rules\[0\]\)/,
  );
});

test('does not come when only labels, annotations or the status change', async () => {
  await create('touched', POOR);
  const path = auditPolicies(namespace, 'touched');
  const labelled = await patch(path, { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } } });
  expect([labelled.status, warningsOf(labelled)]).toEqual([200, []]);
  const counted = await patch(`${path}/status`, { status: { rules: 2 } });
  expect([counted.status, warningsOf(counted)]).toEqual([200, []]);
});

test('does not come when it is switched off', async () => {
  await replica.stop();
  await start(undefined);
  const response = await create('off', POOR);
  expect([response.status, warningsOf(response)]).toEqual([201, []]);
});
