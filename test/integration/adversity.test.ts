import { setTimeout as sleep } from 'node:timers/promises';
import { deny } from '../support/admission.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { asRecord } from '../support/json.ts';
import {
  capiClusters,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  helmReleases,
} from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

/** Refusals, rivals and vandals: what happens to a cluster whose writes do not go through, or do not stay. */
let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('adversity');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
});
afterAll(() => s.stop());

const path = (cluster: string) => configMaps(s.namespace, `${cluster}-audit-policy`);
const METADATA_HASH = 'da099788';
const NONE = { policy: 'rules: [{level: None}]' };

describe('writes that are refused', () => {
  test('in ever new words: said, and tried again slowly', async () => {
    const allow = await deny(s.api, s.namespace, 'no-config-maps', {
      apiGroup: '',
      apiVersion: 'v1',
      resource: 'configmaps',
      operations: ['CREATE'],
      unless: "object.metadata.name != 'denied-audit-policy'",
      message: "'not today, ticket ' + object.metadata.uid",
    });
    await s.fleet.createRelease('denied');
    await s.fleet.createDeployment('denied', { auditPolicy: 'metadata' });
    await s.waitFor('denied', 'False', 'WriteRefused', 'not today, ticket');
    const from = await s.settledWrites();
    await sleep(3000);
    expect(s.writesSince(from)).toEqual([]);
    await allow();
  });

  test('of the values: the ConfigMap goes back to what the values name', async () => {
    await s.deliver('frozen', 'metadata');
    const allow = await deny(s.api, s.namespace, 'freeze', {
      apiGroup: 'helm.toolkit.fluxcd.io',
      apiVersion: 'v2',
      resource: 'helmreleases',
      operations: ['UPDATE'],
      unless: "object.metadata.name != 'frozen' || object.spec == oldObject.spec",
      message: "'change freeze'",
    });
    await s.fleet.setReference('frozen', 'request');
    await s.waitFor('frozen', 'False', 'WriteRefused', 'change freeze');
    await s.settledWrites();
    expect(await s.hash('frozen')).toBe(METADATA_HASH);
    expect((await s.configMap('frozen'))?.data?.policy).toContain('level: Metadata');
    await allow();
  });

  test('of the status: the Events of what was done are not lost', async () => {
    const allow = await deny(s.api, s.namespace, 'mute', {
      apiGroup: 'k0rdent.mirantis.com',
      apiVersion: 'v1beta1',
      resource: 'clusterdeployments/status',
      operations: ['UPDATE'],
      unless: "object.metadata.name != 'mute'",
      message: "'not now'",
    });
    await s.fleet.createRelease('mute', { controlPlaneNumber: 1 });
    await s.fleet.createDeployment('mute', { auditPolicy: 'metadata' });
    await s.waitForHash('mute', METADATA_HASH);
    await allow();
    await eventually(async () => expect(await s.events('mute')).toContain('Warning SingleControlPlane'));
  });

  test('a field that another owns: the message names it', async () => {
    await s.fleet.createRelease('scalar', { audit: 'off' });
    await s.fleet.createDeployment('scalar', { auditPolicy: 'metadata' });
    await s.waitFor('scalar', 'False', 'FieldConflict', 'spec.values.audit is owned by "test"');
  });
});

test('a rival that puts the values without our key is fought twice and no more, also after a restart', async () => {
  await s.deliver('contested', 'metadata');
  const rival = new AbortController();
  let reverts = 0;
  const rivalry = (async () => {
    while (!rival.signal.aborted) {
      const release = await s.fleet.release('contested');
      const values = asRecord(release.spec?.values ?? {}, 'values');
      if ('audit' in values) {
        const put = { ...release, spec: { ...release.spec, values: {} } };
        const done = await s.api
          .replace(helmReleases(s.namespace, 'contested'), put, { fieldManager: 'rival' })
          .catch(() => undefined);
        if (done) reverts += 1;
      }
      await sleep(20);
    }
  })();
  await s.waitFor('contested', 'False', 'Reverted', 'the last one known is "test"');
  await s.restartOperator();
  await sleep(2000);
  rival.abort();
  await rivalry;
  expect(reverts).toBe(3);
  expect(await s.hash('contested')).toBeUndefined();
  // Another content is another decision.
  await s.fleet.setReference('contested', 'request');
  await s.waitFor('contested', 'True', 'Succeeded');
});

describe('vandals', () => {
  test.each([
    [
      'replaced whole',
      async () => {
        await s.api.replace(path('replaced'), {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'replaced-audit-policy' },
          data: NONE,
        });
      },
    ],
    [
      'stripped of annotations and changed',
      async () => {
        await s.api.mergePatch(path('stripped'), { metadata: { annotations: null }, data: NONE });
      },
    ],
    [
      'stripped of its label, then changed',
      async () => {
        await s.api.mergePatch(path('unlabelled'), { metadata: { labels: null } });
        await sleep(300);
        await s.api.mergePatch(path('unlabelled'), { data: NONE });
      },
    ],
    [
      'made immutable with other bytes',
      async () => {
        await s.api.mergePatch(path('immutable'), { data: NONE, immutable: true });
      },
    ],
  ])('a ConfigMap that is %s is restored', async (what, vandalise) => {
    const name =
      { r: 'replaced', s: what.includes('label') ? 'unlabelled' : 'stripped', m: 'immutable' }[
        what[0] ?? ''
      ] ?? '';
    await s.deliver(name, 'metadata');
    await s.settledWrites();
    await vandalise();
    await eventually(async () => {
      const found = await s.configMap(name);
      expect(found?.data).toEqual({ policy: expect.stringContaining('level: Metadata') as string });
      expect(found?.metadata.labels).toHaveProperty(['app.kubernetes.io/managed-by']);
    });
    expect(await s.hash(name)).toBe(METADATA_HASH);
  });

  test('a kept revision in use that is deleted is kept again', async () => {
    await s.deliver('kept', 'metadata');
    const sha256 = (await s.configMap('kept'))?.metadata.annotations?.['auditpolicy.dev/sha256'] ?? '';
    await s.api.delete(controllerRevisions(s.namespace, `audit-policy-${sha256}`));
    await eventually(async () =>
      expect(await s.api.find(controllerRevisions(s.namespace, `audit-policy-${sha256}`))).toBeDefined(),
    );
  });

  test('a revision of that name with other content is no copy, and is not asked for again and again', async () => {
    const sha256 = 'f'.repeat(64);
    await s.fleet.createPolicy('odd', [{ level: 'Metadata', users: ['odd'] }]);
    await s.deliver('odd', 'odd');
    expect((await s.configMap('odd'))?.metadata.annotations?.['auditpolicy.dev/sha256']).not.toBe(sha256);
    const found = (await s.configMap('odd'))?.metadata.annotations?.['auditpolicy.dev/sha256'] ?? '';
    await s.api.mergePatch(controllerRevisions(s.namespace, `audit-policy-${found}`), {
      metadata: { labels: null },
    });
    await s.settledWrites(800);
    const from = s.operator.writes.length;
    for (const poke of ['1', '2', '3']) {
      await s.api.mergePatch(clusterDeployments(s.namespace, 'odd'), { metadata: { annotations: { poke } } });
      await sleep(200);
    }
    expect(s.writesSince(from)).toEqual([]);
  });

  test('an owner that somebody adds stays, and two Clusters of one release do not take turns', async () => {
    await s.deliver('shared', 'metadata');
    const before = (await s.configMap('shared'))?.metadata.ownerReferences ?? [];
    const theirs = { apiVersion: 'v1', kind: 'Secret', name: 'x', uid: 'y' };
    await s.api.mergePatch(path('shared'), { metadata: { ownerReferences: [...before, theirs] } });
    for (const name of ['shared-a', 'shared-b']) {
      await s.api.create(capiClusters(s.namespace), {
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'Cluster',
        metadata: { name, labels: { 'helm.toolkit.fluxcd.io/name': 'shared' } },
        spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 6443 } },
      });
    }
    await s.settledWrites();
    const owners = (await s.configMap('shared'))?.metadata.ownerReferences?.map(
      ({ kind, name }) => `${kind} ${name}`,
    );
    expect(owners).toEqual(['Secret x', 'Cluster shared-a']);
    const from = s.operator.writes.length;
    for (const name of ['shared-b', 'shared-a', 'shared-b']) {
      await s.api.mergePatch(capiClusters(s.namespace, name), {
        metadata: { annotations: { touched: String(Math.random()) } },
      });
      await sleep(100);
    }
    await s.settledWrites();
    expect(s.writesSince(from)).toEqual([]);
  });
});

test('a foreign ConfigMap that is taken away: the delivery follows, though no watch tells of it', async () => {
  const own = await Scenario.start('look-again', { settings: { lookAgainMs: 500 } });
  try {
    await own.fleet.createPolicy('metadata');
    await own.api.create(configMaps(own.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c-audit-policy' },
      data: { policy: 'theirs' },
    });
    await own.fleet.createRelease('c');
    await own.fleet.createDeployment('c', { auditPolicy: 'metadata' });
    await own.waitFor('c', 'False', 'NameConflict');
    await own.api.delete(configMaps(own.namespace, 'c-audit-policy'));
    await own.waitFor('c', 'True', 'Succeeded');
  } finally {
    await own.stop();
  }
});

test('clearing rolls the control plane too, and says so where that is risky', async () => {
  await s.deliver('lonely', 'metadata', { controlPlaneNumber: 1 });
  expect(await s.events('lonely')).toEqual(['Warning SingleControlPlane']);
  await s.fleet.setReference('lonely', null);
  await s.waitForNoCondition('lonely');
  await s.waitForEvents('lonely', ['Warning SingleControlPlane', 'Warning SingleControlPlane']);
});
