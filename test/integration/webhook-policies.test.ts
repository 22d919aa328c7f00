import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { fleet, METADATA_RULES, policyManifest, type Fleet } from '../support/fleet.ts';
import { auditPolicies } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { untilTrusted, WebhookStage, type Replica } from '../support/webhook.ts';

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

let stage: WebhookStage;
let replica: Replica;
let namespace: string;
let objects: Fleet;

beforeAll(async () => {
  stage = await WebhookStage.start();
  await stage.installWebhooks();
  replica = stage.startReplica();
  await untilTrusted(stage, replica);
  namespace = await createNamespace(stage.api, 'policies');
  objects = fleet(stage.api, namespace);
  await untilRefused();
});

afterAll(async () => {
  await replica.stop();
  await stage.stop();
});

/** The API server reads webhook configurations on its own time. */
async function untilRefused(): Promise<void> {
  await eventually(async () => {
    const { status } = await stage.api.raw('POST', auditPolicies(namespace), {
      body: policyManifest('probe', [{ level: 'Nothing' }]),
      query: { dryRun: 'All' },
    });
    expect(status).toBe(422);
  });
}

test('a level that does not exist', async () => {
  await expect(objects.createPolicy('typo', [{ level: 'Metdata' }])).rejects.toThrow(
    'admission webhook "policies.auditpolicy.dev" denied the request: the ClusterAuditPolicy is invalid: invalid audit policy provided: rules[0].level: Unsupported value: "Metdata"',
  );
  await objects.createPolicy('good', METADATA_RULES);
});
