import type { Api, KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { auditPolicies, configMaps, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';
import { asTenant } from '../support/tenant.ts';

/** A tenant who may write ConfigMaps in the namespace of his clusters works on the one that holds the audit policy. */
let s: Scenario;
let tenant: Api;
beforeAll(async () => {
  s = await Scenario.start('attacks-config-map');
  tenant = await asTenant(s.api, s.namespace);
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(async () => {
  tenant.close();
  await s.stop();
});

const METADATA = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n';
const METADATA_HASH = 'da099788';
const BLIND = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n';
const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);

/** All that must be right about our ConfigMap, whatever was done to it. */
async function expectWhole(cluster: string): Promise<KubeObject> {
  const release = await s.fleet.release(cluster);
  const deployment = await s.fleet.deployment(cluster);
  const found = await s.configMap(cluster);
  expect(found?.data).toEqual({ policy: METADATA });
  expect(found).not.toHaveProperty('binaryData');
  expect(found?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'audit-policy-operator' });
  expect(found?.metadata.annotations).toMatchObject({
    'auditpolicy.dev/cluster-deployment-uid': deployment.metadata.uid,
    'auditpolicy.dev/sha256': expect.stringMatching(`^${METADATA_HASH}[0-9a-f]{56}$`) as string,
  });
  expect(found?.metadata.ownerReferences).toEqual([
    {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      name: cluster,
      uid: release.metadata.uid,
    },
  ]);
  if (found === undefined) throw new Error('unreachable');
  return found;
}

/** Does it as the tenant; answers the ConfigMap once it is whole again. The time is printed: it is a figure, not a verdict. */
async function expectRepaired(
  cluster: string,
  what: string,
  tamper: () => Promise<unknown>,
): Promise<KubeObject> {
  const generation = (await s.fleet.release(cluster)).metadata.generation;
  await tamper();
  const start = performance.now();
  const whole = await eventually(() => expectWhole(cluster), { intervalMs: 5, timeoutMs: 5_000 });
  process.stdout.write(`      ${what}: repaired after ${Math.round(performance.now() - start)} ms\n`);
  expect((await s.fleet.release(cluster)).metadata.generation).toBe(generation);
  expect(await s.hash(cluster)).toBe(METADATA_HASH);
  return whole;
}

describe('A1: a foreign ConfigMap of our name', () => {
  const foreign = { policy: 'theirs', other: 'too' };

  async function place(cluster: string): Promise<KubeObject> {
    return await tenant.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${cluster}-audit-policy`, labels: { app: 'theirs' } },
      data: foreign,
    });
  }

  async function expectUntouched(cluster: string, before: KubeObject): Promise<void> {
    const after = await s.configMap(cluster);
    expect(after?.data).toEqual(foreign);
    expect(after?.metadata).toEqual(before.metadata);
  }

  test('A1: before the first delivery: NameConflict, never written, nothing in the values, also once the reference is cleared', async () => {
    const before = await place('first');
    await s.fleet.createRelease('first');
    await s.fleet.createDeployment('first', { auditPolicy: 'metadata' });
    await s.waitFor('first', 'False', 'NameConflict', '"first-audit-policy"');
    await expectUntouched('first', before);
    expect(await s.hash('first')).toBeUndefined();
    await s.restartOperator();
    await s.fleet.setReference('first', null);
    await s.waitForNoCondition('first');
    await s.settledWrites();
    await expectUntouched('first', before);
  });

  test('A1: after ours was cleared and retired: neither taken nor deleted, and in the way of the next delivery', async () => {
    await s.restartOperator({ settings: { configMapRetentionMs: 1 } });
    await s.deliver('later', 'metadata');
    await s.fleet.setReference('later', null);
    await eventually(async () => expect(await s.configMap('later')).toBeUndefined());
    const before = await place('later');
    await s.fleet.setReference('later', 'metadata');
    await s.waitFor('later', 'False', 'NameConflict');
    await s.fleet.setReference('later', null);
    await s.waitForNoCondition('later');
    await s.settledWrites();
    await expectUntouched('later', before);
    await s.restartOperator();
  });
});

describe('A2: a tenant edits our ConfigMap', () => {
  beforeAll(() => s.deliver('edited', 'metadata'));

  test.each<[string, object]>([
    ['the content', { data: { policy: BLIND } }],
    ['the content by one byte', { data: { policy: `${METADATA} ` } }],
    ['no content', { data: null }],
    ['another key', { data: { 'policy-da099788.yaml': BLIND } }],
    ['binary data', { binaryData: { extra: 'AAAA' } }],
    ['the content as binary data', { data: null, binaryData: { policy: 'AAAA' } }],
    ['the label', { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }],
    ['another label', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } }],
    ['the annotations', { metadata: { annotations: null } }],
    ['the digest', { metadata: { annotations: { 'auditpolicy.dev/sha256': '0'.repeat(64) } } }],
    ['no owner', { metadata: { ownerReferences: null } }],
    [
      'all at once',
      { metadata: { labels: null, annotations: null, ownerReferences: null }, data: { policy: BLIND } },
    ],
    ['the content, for good', { data: { policy: BLIND }, immutable: true }],
  ])('A2: %s', async (what, patch) => {
    await expectRepaired('edited', what, () => tenant.mergePatch(path('edited'), patch));
  });

  test.each<[string, object]>([
    ['another name', { name: 'nobody' }],
    ['another uid', { uid: '00000000-0000-0000-0000-000000000000' }],
    ['another version', { apiVersion: 'helm.toolkit.fluxcd.io/v9' }],
    ['the controller', { controller: true }],
    ['a block on its deletion', { blockOwnerDeletion: true }],
  ])('A2: the owner, with %s', async (what, change) => {
    const [owner] = (await expectWhole('edited')).metadata.ownerReferences ?? [];
    const ownerReferences = [{ ...owner, ...change }];
    await expectRepaired('edited', what, () =>
      tenant.mergePatch(path('edited'), { metadata: { ownerReferences } }),
    );
  });

  test('A2: content that can neither be changed nor go away', async () => {
    await expectRepaired('edited', 'immutable with a finalizer', () =>
      tenant.mergePatch(path('edited'), {
        metadata: { finalizers: ['example.com/keep'] },
        data: { policy: BLIND },
        immutable: true,
      }),
    );
  });

  test('A2: content that cannot be changed, and no mark of ours on it', async () => {
    await expectRepaired('edited', 'immutable without a mark', () =>
      tenant.mergePatch(path('edited'), {
        metadata: {
          labels: null,
          annotations: null,
          ownerReferences: null,
          finalizers: ['example.com/keep'],
        },
        data: { policy: BLIND },
        immutable: true,
      }),
    );
  });

  test('A2: no room left for our marks', async () => {
    const full = { filler: 'x'.repeat(256 * 1024 - 'filler'.length) };
    await expectRepaired('edited', 'full annotations', () =>
      tenant.mergePatch(path('edited'), {
        metadata: {
          annotations: {
            'auditpolicy.dev/cluster-deployment-uid': null,
            'auditpolicy.dev/sha256': null,
            'auditpolicy.dev/policy': null,
            ...full,
          },
        },
        data: { policy: BLIND },
      }),
    );
  });
});

describe('A2: the content comes back when nothing new may be written', () => {
  async function deliverOwn(cluster: string): Promise<void> {
    await s.fleet.createPolicy(cluster, METADATA_RULES);
    await s.deliver(cluster, cluster);
  }
  const blind = (cluster: string) =>
    expectRepaired(cluster, cluster, () => tenant.mergePatch(path(cluster), { data: { policy: BLIND } }));

  test('A2: the policy is refused', async () => {
    await deliverOwn('refused');
    await s.fleet.editPolicy('refused', [{ level: 'Nothing' }]);
    await s.waitFor('refused', 'False', 'PolicyRefused');
    await blind('refused');
  });

  test('A2: the policy is deleted', async () => {
    await deliverOwn('orphaned');
    await s.api.delete(auditPolicies(s.namespace, 'orphaned'));
    await s.waitFor('orphaned', 'False', 'PolicyNotFound');
    await blind('orphaned');
  });

  test('A2: a change waits: what is in place is restored, and not what is wanted', async () => {
    await deliverOwn('waiting');
    await s.api.mergePatch(helmReleases(s.namespace, 'waiting'), { spec: { suspend: true } });
    await s.fleet.editPolicy('waiting', REQUEST_RULES);
    await s.waitFor('waiting', 'False', 'HelmReleaseSuspended');
    await blind('waiting');
  });

  test('A2: the clearing waits', async () => {
    await deliverOwn('leaving');
    await s.api.mergePatch(helmReleases(s.namespace, 'leaving'), { spec: { suspend: true } });
    await s.fleet.setReference('leaving', null);
    await s.waitFor('leaving', 'False', 'HelmReleaseSuspended');
    await blind('leaving');
  });
});

describe('A3: a tenant deletes our ConfigMap and makes another', () => {
  async function replace(cluster: string, metadata: object = {}): Promise<KubeObject> {
    await tenant.delete(path(cluster));
    return await tenant.create(configMaps(s.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${cluster}-audit-policy`, ...metadata },
      data: { policy: BLIND },
    });
  }
  const expectWarning = (cluster: string) =>
    eventually(async () => expect(await s.events(cluster)).toContain('Warning AuditPolicyConfigMapRepaired'));

  test('A3: at once: it is repaired, with a Warning', async () => {
    await s.deliver('swapped', 'metadata');
    const before = await expectWhole('swapped');
    // Whoever is faster makes it anew.
    const after = await expectRepaired('swapped', 'deleted and made anew', () =>
      replace('swapped').catch(() => undefined),
    );
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    await expectWarning('swapped');
  });

  test('A3: with all our marks copied', async () => {
    await s.deliver('copied', 'metadata');
    const { labels, annotations, ownerReferences } = (await expectWhole('copied')).metadata;
    await expectRepaired('copied', 'made anew with our marks', () =>
      replace('copied', { labels, annotations, ownerReferences }).catch(() => undefined),
    );
    await expectWarning('copied');
  });

  test.each([
    ['without marks', false],
    ['with all our marks', true],
  ])('A3: while the operator is down, %s', async (_, isMarked) => {
    const name = isMarked ? 'down-marked' : 'down-bare';
    await s.deliver(name, 'metadata');
    const { labels, annotations, ownerReferences } = (await expectWhole(name)).metadata;
    await s.operator.stop();
    const planted = await replace(name, isMarked ? { labels, annotations, ownerReferences } : {});
    await s.restartOperator();
    const whole = await expectRepaired(name, `${name}, from start`, () => Promise.resolve());
    expect(whole.metadata.uid).toBe(planted.metadata.uid);
    await expectWarning(name);
  });

  test('A3: the delivery goes on: an edit arrives at the repaired ConfigMap', async () => {
    await s.fleet.createPolicy('goes-on', METADATA_RULES);
    await s.deliver('goes-on', 'goes-on');
    await expectRepaired('goes-on', 'before an edit', () => replace('goes-on').catch(() => undefined));
    await s.fleet.editPolicy('goes-on', REQUEST_RULES);
    await s.waitForContent('goes-on', 'level: Request\n');
    await s.waitForHash('goes-on', '61d03756');
  });
});
