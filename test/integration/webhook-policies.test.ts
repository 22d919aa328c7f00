import { jest } from '@jest/globals';
import { checkWebhook } from '../../src/cli/check/webhook.ts';
import type { RawOptions, RawResponse } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { deploymentManifest, METADATA_RULES, policyManifest } from '../support/fleet.ts';
import { auditPolicies, clusterDeployments, namespaces } from '../support/kinds.ts';
import { createTestClient } from '../support/kube-client.ts';
import { createNamespace } from '../support/namespace.ts';
import { rulesOfSize } from '../support/sized-policy.ts';
import { untilTrusted, WebhookStage, type Replica } from '../support/webhook.ts';

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

const REFUSED = 'the ClusterAuditPolicy is invalid: invalid audit policy provided: ';
const BAD_RULES = [{ level: 'Metdata' }];
const FROM_1_36 = [{ level: 'Metadata', resources: [{ group: '*' }] }];
const MIB = 1024 * 1024;

let stage: WebhookStage;
let replica: Replica;
let namespace: string;

beforeAll(async () => {
  stage = await WebhookStage.start();
  namespace = await createNamespace(stage.api, 'policies');
  // From before there was a webhook.
  await createPolicy('bad-already', BAD_RULES);
  // Without what the API server sorts out by itself: the webhook must not rely on it.
  await stage.installWebhooks(stage.port, (webhook) => ({ ...webhook, matchConditions: [] }));
  replica = stage.startReplica();
  await untilTrusted(stage, replica);
  await untilAsked();
});

afterAll(async () => {
  await replica.stop();
  await stage.stop();
});

/** The API server reads webhook configurations on its own time. */
function untilAsked(): Promise<void> {
  return eventually(async () => {
    const { status } = await createPolicy('probe', BAD_RULES, { query: { dryRun: 'All' } });
    expect(status).toBe(422);
  });
}

const createPolicy = (name: string, rules: unknown, options: RawOptions = {}, where = namespace) =>
  stage.api.raw('POST', auditPolicies(where), { body: policyManifest(name, rules), ...options });

const createCluster = (name: string, spec: Record<string, unknown>, where = namespace, annotations = {}) =>
  stage.api.raw('POST', clusterDeployments(where), { body: deploymentManifest(name, spec, annotations) });

const patch = (path: string, body: object) =>
  stage.api.raw('PATCH', path, { body, contentType: 'application/merge-patch+json' });

const setRules = (name: string, rules: unknown) =>
  patch(auditPolicies(namespace, name), { spec: { policy: { rules } } });

const remove = (path: string) => stage.api.raw('DELETE', path);

function messageOf({ body }: RawResponse): unknown {
  return typeof body === 'object' && body !== null && 'message' in body ? body.message : body;
}

/** The texts of the warnings, as kubectl would print them. */
function warningsOf({ headers }: RawResponse): string[] {
  return [...(headers.warning ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}

describe('a policy that no supported kube-apiserver takes', () => {
  test("is refused when it is made, in k0rdent's words, with what was meant", async () => {
    const response = await createPolicy('typo', BAD_RULES);
    expect(response.status).toBe(422);
    expect(messageOf(response)).toBe(
      `admission webhook "policies.auditpolicy.dev" denied the request: ${REFUSED}rules[0].level: Unsupported value: "Metdata": supported values: "None", "Metadata", "Request", "RequestResponse"; rules[0].level: did you mean "Metadata"?`,
    );
    expect(await stage.api.find(auditPolicies(namespace, 'typo'))).toBeUndefined();
  });

  test('a misspelt field reaches the webhook, which names it', async () => {
    const response = await createPolicy('field', [{ level: 'None', user: ['x'] }]);
    expect(messageOf(response)).toContain(
      `${REFUSED}spec.policy.rules[0].user: unknown field, did you mean "users"?`,
    );
  });

  test('is refused when it is edited or applied, and the good one stays', async () => {
    await createPolicy('edited', METADATA_RULES);
    expect((await setRules('edited', BAD_RULES)).status).toBe(422);
    const applied = await stage.api.raw('PATCH', auditPolicies(namespace, 'edited'), {
      body: policyManifest('edited', BAD_RULES),
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'git', force: true },
    });
    expect(applied.status).toBe(422);
    expect(await stage.api.get(auditPolicies(namespace, 'edited'))).toMatchObject({
      spec: { policy: { rules: METADATA_RULES } },
    });
  });

  test('that is there already can be labelled, mended and deleted', async () => {
    const path = auditPolicies(namespace, 'bad-already');
    expect((await patch(path, { metadata: { labels: { a: 'b' } } })).status).toBe(200);
    expect((await setRules('bad-already', [{ level: 'Metdt' }])).status).toBe(422);
    expect((await setRules('bad-already', METADATA_RULES)).status).toBe(200);
    expect((await remove(path)).status).toBe(200);
  });

  test('may be written to an object that is being deleted', async () => {
    const path = auditPolicies(namespace, 'going');
    const manifest = { ...policyManifest('going', METADATA_RULES) };
    await stage.api.create(auditPolicies(namespace), {
      ...manifest,
      metadata: { name: 'going', finalizers: ['example.com/slow'] },
    });
    await remove(path);
    expect((await setRules('going', BAD_RULES)).status).toBe(200);
    expect((await patch(path, { metadata: { finalizers: null } })).status).toBe(200);
    expect(await stage.api.find(path)).toBeUndefined();
  });
});

test('a dry run is judged like the real thing, and keeps nothing', async () => {
  const query = { dryRun: 'All' };
  expect((await createPolicy('rehearsed', METADATA_RULES, { query })).status).toBe(201);
  expect((await createPolicy('rehearsed', BAD_RULES, { query })).status).toBe(422);
  expect(await stage.api.find(auditPolicies(namespace, 'rehearsed'))).toBeUndefined();
});

test('a status is none of the webhook’s business', async () => {
  await createPolicy('with-status', METADATA_RULES);
  const path = `${auditPolicies(namespace, 'with-status')}/status`;
  expect((await patch(path, { status: { rules: 1 } })).status).toBe(200);
});

test('A12: a policy of forty thousand rules is refused in bounded work, with the number', async () => {
  const response = await createPolicy('huge', Array(40_000).fill({ level: 'None' }));
  expect(response.status).toBe(422);
  expect(messageOf(response)).toContain('more than 20000 fields and list entries');
});

test('A11: what does not fit into a ConfigMap is refused with the number', async () => {
  const response = await createPolicy('too-large', rulesOfSize(MIB + 1));
  expect(messageOf(response)).toContain(`has ${MIB + 1} bytes; a ConfigMap takes ${MIB}`);
  expect((await createPolicy('just-fits', rulesOfSize(MIB))).status).toBe(201);
  expect((await setRules('just-fits', rulesOfSize(MIB - 1))).status).toBe(200);
});

describe('clusters that a policy does not suit', () => {
  test('are named in a warning, and the policy is taken', async () => {
    await createCluster('too-old', { auditPolicy: 'newest' });
    await createCluster('new-enough', { auditPolicy: 'newest' }, namespace, {
      'auditpolicy.dev/kubernetes-version': 'v1.36',
    });
    await eventually(async () => {
      const response = await createPolicy('newest', FROM_1_36, { query: { dryRun: 'All' } });
      expect(response.status).toBe(201);
      expect(warningsOf(response)).toEqual([
        expect.stringContaining(
          'ClusterAuditPolicy "newest" does not suit 1 of the 2 clusters that name it, and is not delivered to too-old: kube-apiserver 1.34 would refuse it: rules[0].resources[0].group: Invalid value: "*"',
        ),
      ]);
    });
    expect((await createPolicy('newest', FROM_1_36)).status).toBe(201);
  });
});

describe('a policy that is deleted', () => {
  test('stays while a cluster names it, which is named', async () => {
    await createPolicy('used', METADATA_RULES);
    await createCluster('user-b', { auditPolicy: 'used' });
    await createCluster('user-a', { auditPolicy: 'used' });
    const path = auditPolicies(namespace, 'used');
    await eventually(async () => {
      const response = await stage.api.raw('DELETE', path, { query: { dryRun: 'All' } });
      expect(response.status).toBe(403);
      expect(messageOf(response)).toBe(
        `admission webhook "policy-deletions.auditpolicy.dev" denied the request: cannot delete ClusterAuditPolicy ${namespace}/used: it is still referenced by one or more ClusterDeployments: user-a, user-b`,
      );
    });
    expect((await remove(path)).status).toBe(403);
    const all = await stage.api.raw('DELETE', auditPolicies(namespace), {
      query: { fieldSelector: 'metadata.name=used' },
    });
    expect(all.status).toBe(403);
    expect(await stage.api.find(path)).toBeDefined();
  });

  test('goes when its clusters are being deleted or name another', async () => {
    await createPolicy('released', METADATA_RULES);
    await createCluster('other', { auditPolicy: 'released' });
    await stage.api.create(clusterDeployments(namespace), {
      ...deploymentManifest('slow', { auditPolicy: 'released' }),
      metadata: { name: 'slow', finalizers: ['example.com/slow'] },
    });
    const path = auditPolicies(namespace, 'released');
    await eventually(async () => expect((await remove(path)).status).toBe(403));
    await remove(clusterDeployments(namespace, 'slow'));
    expect((await remove(path)).status).toBe(403);
    await patch(clusterDeployments(namespace, 'other'), { spec: { auditPolicy: null } });
    await eventually(async () => expect((await remove(path)).status).toBe(200));
  });

  test('A17: a namespace with policies in use can be deleted, and its deletion finishes', async () => {
    const doomed = await createNamespace(stage.api, 'doomed');
    await createPolicy('used', METADATA_RULES, {}, doomed);
    await createCluster('user', { auditPolicy: 'used' }, doomed);
    const path = auditPolicies(doomed, 'used');
    await eventually(async () => expect((await remove(path)).status).toBe(403));
    await remove(namespaces(doomed));
    // What the namespace controller does, policies first.
    expect((await stage.api.raw('DELETE', auditPolicies(doomed))).status).toBe(200);
    expect((await stage.api.raw('DELETE', clusterDeployments(doomed))).status).toBe(200);
    const { spec, ...rest } = await stage.api.get(namespaces(doomed));
    await stage.api.replace(`${namespaces(doomed)}/finalize`, { ...rest, spec: { ...spec, finalizers: [] } });
    expect(await stage.api.find(namespaces(doomed))).toBeUndefined();
  });
});

describe('a ClusterDeployment is never refused', () => {
  test('before its policy: GitOps applies in any order', async () => {
    const response = await createCluster('early', { auditPolicy: 'late' });
    expect(response.status).toBe(201);
    expect(warningsOf(response)).toEqual([
      `ClusterAuditPolicy "late" does not exist in namespace "${namespace}" yet; it is delivered when it does.`,
    ]);
    expect((await createPolicy('late', METADATA_RULES)).status).toBe(201);
    await eventually(async () => {
      await createCluster('after', { auditPolicy: 'late' });
      const again = await patch(clusterDeployments(namespace, 'after'), { spec: { auditPolicy: null } });
      expect(again.status).toBe(200);
      const named = await patch(clusterDeployments(namespace, 'after'), { spec: { auditPolicy: 'late' } });
      expect(warningsOf(named)).toEqual([]);
    });
  });

  test('with a policy that its version would refuse, and one node: both are told', async () => {
    await createPolicy('for-1-36', FROM_1_36);
    await eventually(async () => {
      const response = await stage.api.raw('POST', clusterDeployments(namespace), {
        body: deploymentManifest('unfit', { auditPolicy: 'for-1-36', config: { controlPlaneNumber: 1 } }),
        query: { dryRun: 'All' },
      });
      expect(response.status).toBe(201);
      expect(warningsOf(response)).toEqual([
        expect.stringContaining('ClusterAuditPolicy "for-1-36" does not suit this cluster'),
        expect.stringContaining('The control plane has 1 node'),
      ]);
    });
  });

  test('without a changed reference it is not spoken to', async () => {
    await createCluster('quiet', { auditPolicy: 'nowhere', config: { controlPlaneNumber: 1 } });
    const response = await patch(clusterDeployments(namespace, 'quiet'), {
      metadata: { labels: { a: 'b' } },
      spec: { template: 'template-2' },
    });
    expect(response.status).toBe(200);
    expect(warningsOf(response)).toEqual([]);
  });
});

describe('as it is shipped, with conditions that the API server judges first', () => {
  beforeAll(async () => {
    await stage.removeWebhooks();
    await stage.installWebhooks();
    await untilTrusted(stage, replica);
    await untilAsked();
  });

  test.each([
    ['of the largest size', rulesOfSize(MIB), rulesOfSize(MIB - 1)],
    ['of very many entries', manyRules(4_000), manyRules(3_999)],
  ])('a policy %s can be made and edited', async (size, rules, edited) => {
    const name = size.replaceAll(' ', '-');
    expect((await createPolicy(name, rules)).status).toBe(201);
    expect((await setRules(name, edited)).status).toBe(200);
    expect((await setRules(name, BAD_RULES)).status).toBe(422);
  });
});

test('the command check finds that the webhook refuses what is bad, and nothing else', async () => {
  const own = createTestClient(stage.kubeconfig);
  try {
    expect(await checkWebhook(own.client, { namespace, requireWebhook: true })).toEqual([
      {
        check: 'webhook',
        status: 'ok',
        message: 'webhook policies.auditpolicy.dev refuses a bad policy and lets a good one pass',
      },
    ]);
  } finally {
    own.close();
  }
});

function manyRules(count: number) {
  return Array.from({ length: count }, (_, i) => ({ level: 'None', users: [`user-${i}`] }));
}
