import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES, releaseManifest } from '../support/fleet.ts';
import { asRecord, dig } from '../support/json.ts';
import { startKcm, type KcmOptions, type RunningKcm } from '../support/kcm-stand-in.ts';
import { helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

/** Others who write what the operator writes: a KCM that does not know itself watched, and GitOps of every school. */
let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('rivals');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
});
afterAll(() => s.stop());

const METADATA = 'da099788';
const OTHER = '0badcafe';

type Json = Record<string, unknown>;

const releasePath = (cluster: string, own = s) => helmReleases(own.namespace, cluster);
const values = async (cluster: string, own = s) => (await own.fleet.release(cluster)).spec?.values;
const generation = async (cluster: string, own = s) => (await own.fleet.release(cluster)).metadata.generation;
const policyRef = (cluster: string, hash: string) => ({
  audit: { policyRef: { name: `${cluster}-audit-policy`, key: 'policy', hash } },
});

/** The writes of the values, of which each rolls a control plane. */
const valuesWrites = (own: Scenario, from = 0) =>
  own.writesSince(from).filter((write) => write.includes('HelmRelease/'));
const conditionWrites = (own: Scenario, from = 0) =>
  own.writesSince(from).filter((write) => write.endsWith(' status') && write.includes('ClusterDeployment/'));

/** How often the operator has said the same of a cluster; KCM puts its own in the place of each. */
function mostRepeated(own: Scenario, from = 0): number {
  const counts = new Map<string, number>();
  for (const { resource, body } of own.operator.writes.slice(from)) {
    if (resource.kind !== 'ClusterDeployment') continue;
    const word = JSON.stringify(dig(body, 'status', 'conditions', 0, 'message'));
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** What the operator asks of the API server, watches aside, in the given time. */
async function requestsDuring(ms: number, own = s): Promise<string[]> {
  const from = own.operator.exchanges.length;
  await sleep(ms);
  return own.operator.exchanges
    .slice(from)
    .filter(({ isStream }) => !isStream)
    .map(({ method, path }) => `${method} ${path}`);
}

/** A scenario of its own with a live KCM whose HelmReleases nothing marks as KCM's, and where no Management is served. */
async function withKcm(
  options: Partial<KcmOptions>,
  test: (own: Scenario, kcm: RunningKcm) => Promise<void>,
): Promise<void> {
  const own = await Scenario.start('unlabelled');
  const kcm = startKcm(own.api, { namespace: own.namespace, labels: false, ...options });
  try {
    await own.fleet.createPolicy('metadata', METADATA_RULES);
    await own.fleet.createPolicy('request', REQUEST_RULES);
    await test(own, kcm);
  } finally {
    await kcm.stop();
    await own.stop();
  }
}

describe('KCM, unlabelled', () => {
  test('F16: it puts values without our key: two rewrites in all, the writer named, then silence, also after a fail-over', async () => {
    await withKcm({ knowsAudit: false }, async (own) => {
      await own.fleet.createDeployment('c', { auditPolicy: 'metadata', config: { workers: 3 } });
      await own.waitFor('c', 'False', 'Reverted', '"manager"');
      await own.settledWrites();
      expect(valuesWrites(own)).toHaveLength(3);
      const [puts, before] = [await values('c', own), await generation('c', own)];
      expect(puts).toMatchObject({ workers: 3, clusterLabels: {} });
      expect(puts).not.toHaveProperty('audit');
      expect(await requestsDuring(2000, own)).toEqual([]);

      for (const failOver of [1, 2]) {
        await own.restartOperator();
        await own.settledWrites(1000);
        expect({ failOver, writes: valuesWrites(own) }).toEqual({ failOver, writes: [] });
      }
      expect((await own.condition('c'))?.reason).toBe('Reverted');
      expect(await generation('c', own)).toBe(before);
    });
  });

  test('F16: it writes the policy, too: both agree, nothing rolls twice, and the condition is not fought for', async () => {
    await withKcm({}, async (own, kcm) => {
      await own.fleet.createDeployment('c', { auditPolicy: 'metadata' });
      await own.waitForHash('c', METADATA);
      await own.settledWrites(1000);
      const before = await generation('c', own);
      expect(valuesWrites(own).length).toBeLessThanOrEqual(1);
      expect(mostRepeated(own)).toBe(3);
      expect(conditionWrites(own).length).toBeLessThanOrEqual(9);
      expect(kcm.statusPuts('c')).toBeLessThan(20);
      expect(await requestsDuring(2000, own)).toEqual([]);
      expect(await own.condition('c')).toMatchObject({ status: 'True', reason: 'Succeeded', message: '' });

      // New words are said, and given up as soon.
      const from = own.operator.writes.length;
      const statusPuts = kcm.statusPuts('c');
      await own.fleet.setReference('c', 'request');
      await own.waitForContent('c', 'level: Request\n');
      await own.settledWrites(1000);
      expect(mostRepeated(own, from)).toBe(3);
      expect(conditionWrites(own, from).length).toBeLessThanOrEqual(9);
      expect(kcm.statusPuts('c') - statusPuts).toBeLessThan(20);
      expect(await generation('c', own)).toBe((before ?? 0) + 1);
      expect(await requestsDuring(1500, own)).toEqual([]);

      // A fail-over knows nothing of that, and is as brief.
      await own.restartOperator();
      await own.settledWrites(1000);
      expect(mostRepeated(own)).toBeLessThanOrEqual(3);
      expect(valuesWrites(own)).toEqual([]);
      expect(await requestsDuring(1000, own)).toEqual([]);
    });
  });

  const otherBytes = (yaml: string) => `# stamped\n${yaml}`;

  test('F16: it writes other bytes under our names before we do: they are left as they are', async () => {
    await withKcm({ render: otherBytes }, async (own) => {
      await own.fleet.createDeployment('c', { auditPolicy: 'metadata' });
      await eventually(async () => expect(await own.hash('c')).toEqual(expect.any(String)));
      await own.settledWrites(1000);
      expect(valuesWrites(own).length).toBeLessThanOrEqual(3);
      expect(await requestsDuring(1500, own)).toEqual([]);
    });
  });

  test('F16: it comes later, and writes other bytes over ours: no endless turns over ConfigMap and values', async () => {
    const own = await Scenario.start('usurped');
    await own.fleet.createPolicy('metadata', METADATA_RULES);
    await own.deliver('c', 'metadata');
    const kcm = startKcm(own.api, { namespace: own.namespace, labels: false, render: otherBytes });
    try {
      await sleep(4000);
      expect(valuesWrites(own).length).toBeLessThanOrEqual(3);
      const before = await generation('c', own);
      expect(await requestsDuring(1500, own)).toEqual([]);
      expect(await generation('c', own)).toBe(before);
      // KCM's words stand in the condition; ours were said, and an Event tells them.
      expect(JSON.stringify(own.operator.writes)).toContain('last one known is \\"manager\\"');
      expect(await own.events('c')).toContain('Warning AuditPolicyConfigMapError');
    } finally {
      await kcm.stop();
      await own.stop();
    }
  });
});

/** As kustomize-controller applies a HelmRelease from a repository: the whole of it, by force. */
const fromGit = (cluster: string, content: Json, own = s): Promise<KubeObject> =>
  own.api.apply(releasePath(cluster, own), releaseManifest(cluster, content), {
    fieldManager: 'kustomize-controller',
    force: true,
  });

async function deliverFromGit(cluster: string, content: Json = {}): Promise<void> {
  await fromGit(cluster, content);
  await s.fleet.createDeployment(cluster, { auditPolicy: 'metadata' });
  await s.waitFor(cluster, 'True', 'Succeeded');
  await s.waitUntilSettled(cluster);
}

describe('kustomize-controller: server-side apply of the whole, with force', () => {
  test.each([
    ['empty values', {}],
    ['other values', { workers: 3 }],
    ['values of its own below audit', { audit: { logPath: '-' } }],
  ])('F16: %s: our keys stay, however often it applies', async (what, content) => {
    const cluster = `git-${what.replaceAll(' ', '-')}`;
    await deliverFromGit(cluster, content);
    const [writes, before] = [await s.settledWrites(), await generation(cluster)];
    for (let i = 0; i < 3; i += 1) await fromGit(cluster, content);
    await s.settledWrites();
    expect(s.writesSince(writes)).toEqual([]);
    expect(await generation(cluster)).toBe(before);
    const { audit, ...rest } = content as { audit?: Json };
    expect(await values(cluster)).toEqual({
      ...rest,
      audit: { ...audit, ...policyRef(cluster, METADATA).audit },
    });
  });

  test('F16: no values at all: our keys stay', async () => {
    await deliverFromGit('git-none');
    const writes = await s.settledWrites();
    const manifest = releaseManifest('git-none');
    delete asRecord(manifest.spec, 'spec').values;
    await s.api.apply(releasePath('git-none'), manifest, {
      fieldManager: 'kustomize-controller',
      force: true,
    });
    await s.settledWrites();
    expect(s.writesSince(writes)).toEqual([]);
    expect(await values('git-none')).toEqual(policyRef('git-none', METADATA));
  });

  test('F16: the key with another hash: named, left as it is, not argued with; out of the repository, ours is back', async () => {
    await deliverFromGit('git-other');
    await s.settledWrites();
    const writes = s.operator.writes.length;
    await fromGit('git-other', policyRef('git-other', OTHER));
    await s.waitFor('git-other', 'False', 'FieldConflict', 'owned by "kustomize-controller"');
    await s.waitUntilSettled('git-other');
    await s.settledWrites();
    for (let i = 0; i < 3; i += 1) await fromGit('git-other', policyRef('git-other', OTHER));
    await s.settledWrites();
    expect(await s.hash('git-other')).toBe(OTHER);
    expect(valuesWrites(s, writes)).toEqual([]);
    expect(conditionWrites(s, writes)).toHaveLength(1);
    await fromGit('git-other', {});
    await s.waitFor('git-other', 'True', 'Succeeded');
    expect(await values('git-other')).toEqual(policyRef('git-other', METADATA));
  });

  test('F16: the key with the same hash: both own it; cleared, theirs stays and the condition says so', async () => {
    await deliverFromGit('git-same');
    await s.settledWrites();
    const writes = s.operator.writes.length;
    await fromGit('git-same', policyRef('git-same', METADATA));
    await s.settledWrites();
    expect(s.writesSince(writes)).toEqual([]);
    await s.fleet.setReference('git-same', null);
    await s.waitFor('git-same', 'False', 'FieldConflict', 'owned by "kustomize-controller"');
    await s.settledWrites();
    expect(await s.hash('git-same')).toBe(METADATA);
    expect((await s.configMap('git-same'))?.data?.policy).toContain('level: Metadata');
    // Taken out of the repository, nobody wants it any more.
    await fromGit('git-same', {});
    await s.waitForNoCondition('git-same');
    expect(await s.hash('git-same')).toBeUndefined();
  });
});

describe('kubectl apply, on the client', () => {
  const LAST = 'kubectl.kubernetes.io/last-applied-configuration';
  /** The three-way merge: what the last manifest had and the new one has not is removed, at any depth. */
  const removed = (last: unknown, next: unknown): Json =>
    Object.fromEntries(
      Object.entries(asRecord(last, 'last')).flatMap(([key, before]): [string, unknown][] => {
        const after = dig(next, key);
        if (after === undefined) return [[key, null]];
        return typeof before === 'object' ? [[key, removed(before, after)]] : [];
      }),
    );
  const kubectlApply = async (cluster: string, content: Json) => {
    const found = await s.api.find(releasePath(cluster));
    const fieldManager = 'kubectl-client-side-apply';
    const manifest = releaseManifest(cluster, content);
    const annotations = { [LAST]: JSON.stringify(manifest) };
    if (found === undefined) {
      const metadata = { ...asRecord(manifest.metadata, 'metadata'), annotations };
      return s.api.create(helmReleases(s.namespace), { ...manifest, metadata }, { fieldManager });
    }
    const last: unknown = JSON.parse(found.metadata.annotations?.[LAST] ?? '{}');
    const gone = removed(dig(last, 'spec', 'values'), content);
    const patch = { metadata: { annotations }, spec: { values: merged(content, gone) } };
    return s.api.mergePatch(releasePath(cluster), patch, { fieldManager });
  };

  test('F16: without the key ours stays; with another hash it is named; taken out, ours is back', async () => {
    await kubectlApply('kubectl', { workers: 1 });
    await s.fleet.createDeployment('kubectl', { auditPolicy: 'metadata' });
    await s.waitFor('kubectl', 'True', 'Succeeded');
    await s.waitUntilSettled('kubectl');
    const writes = await s.settledWrites();
    await kubectlApply('kubectl', { workers: 2 });
    await s.settledWrites();
    expect(s.writesSince(writes)).toEqual([]);
    expect(await values('kubectl')).toEqual({ workers: 2, ...policyRef('kubectl', METADATA) });
    await kubectlApply('kubectl', { workers: 2, ...policyRef('kubectl', OTHER) });
    await s.waitFor('kubectl', 'False', 'FieldConflict', 'owned by "kubectl-client-side-apply"');
    await s.settledWrites();
    expect(await s.hash('kubectl')).toBe(OTHER);
    expect(valuesWrites(s, writes)).toEqual([]);
    await kubectlApply('kubectl', { workers: 2 });
    await s.waitFor('kubectl', 'True', 'Succeeded');
    expect(await values('kubectl')).toEqual({ workers: 2, ...policyRef('kubectl', METADATA) });
  });
});

function merged(a: Json, b: Json): Json {
  const result: Json = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const mine = result[key];
    result[key] =
      typeof mine === 'object' && mine !== null && value !== null
        ? merged(asRecord(mine, key), asRecord(value, key))
        : value;
  }
  return result;
}

test('F16: Argo CD that replaces and heals: two rewrites in all, the writer named, then silence', async () => {
  const fieldManager = 'argocd-controller';
  await s.api.create(helmReleases(s.namespace), releaseManifest('argo', { workers: 3 }), { fieldManager });
  await s.fleet.createDeployment('argo', { auditPolicy: 'metadata' });
  await s.waitFor('argo', 'True', 'Succeeded');
  await s.waitUntilSettled('argo');
  const writes = s.operator.writes.length;
  const before = (await generation('argo')) ?? 0;
  const wanted = { workers: 3 };
  const stop = new AbortController();
  const healing = (async () => {
    while (!stop.signal.aborted) {
      const release = await s.fleet.release('argo');
      if (JSON.stringify(release.spec?.values) !== JSON.stringify(wanted)) {
        const whole = { ...release, spec: { ...release.spec, values: wanted } };
        await s.api.replace(releasePath('argo'), whole, { fieldManager }).catch(() => undefined);
      }
      await sleep(20);
    }
  })();
  try {
    await s.waitFor('argo', 'False', 'Reverted', '"argocd-controller"');
    await s.settledWrites();
    expect(valuesWrites(s, writes)).toHaveLength(2);
    expect(await generation('argo')).toBe(before + 5);
    expect(await requestsDuring(1500)).toEqual([]);
  } finally {
    stop.abort();
    await healing;
  }
});

describe("F17: the user's keys below audit", () => {
  const theirs = { foo: 'bar', logPath: '-', nested: { a: [1, 2] } };
  const expectToStay = async (cluster: string) => {
    await s.fleet.createDeployment(cluster, { auditPolicy: 'metadata' });
    await s.waitFor(cluster, 'True', 'Succeeded');
    await s.waitUntilSettled(cluster);
    expect(await values(cluster)).toEqual({
      workers: 1,
      audit: { ...theirs, ...policyRef(cluster, METADATA).audit },
    });
    await s.fleet.setReference(cluster, 'request');
    await eventually(async () => expect(await s.hash(cluster)).not.toBe(METADATA));
    await s.waitUntilSettled(cluster);
    expect(dig(await values(cluster), 'audit')).toMatchObject(theirs);
    await s.fleet.setReference(cluster, null);
    await s.waitForNoCondition(cluster);
    await eventually(async () => expect(await values(cluster)).toEqual({ workers: 1, audit: theirs }));
  };

  test('F17: applied by their owner', async () => {
    await s.api.apply(releasePath('applied'), releaseManifest('applied', { workers: 1, audit: theirs }), {
      fieldManager: 'user',
    });
    await expectToStay('applied');
    const owner = (await s.fleet.release('applied')).metadata.managedFields?.find(
      ({ manager }) => manager === 'user',
    );
    expect(dig(owner, 'fieldsV1', 'f:spec', 'f:values', 'f:audit')).toHaveProperty('f:foo');
  });

  test('F17: created whole', async () => {
    await s.fleet.createRelease('created', { workers: 1, audit: theirs });
    await expectToStay('created');
  });
});
