import { createHash } from 'node:crypto';
import { readCrd, type Crd } from '../../../src/controllers/crd.ts';
import { CLUSTER_DEPLOYMENTS } from '../../../src/controllers/kinds.ts';
import { ChangeSlots } from '../../../src/controllers/cluster/change-slots.ts';
import {
  readClusterDeployment,
  type ClusterDeployment,
} from '../../../src/plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap, type PolicyConfigMap } from '../../../src/plan/observed/config-map.ts';
import { readHelmRelease, type HelmRelease } from '../../../src/plan/observed/helm-release.ts';
import { Store } from '../../../src/runtime/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MINUTE = 60_000;
let version = 0;
let clock: FakeClock;
let woken: string[];
let slots: ChangeSlots;
let cache: {
  deployments: Store<ClusterDeployment>;
  helmReleases: Store<HelmRelease>;
  configMaps: Store<PolicyConfigMap>;
  crds: Store<Crd>;
  kcmPresent: boolean;
};

beforeEach(() => {
  clock = new FakeClock();
  woken = [];
  cache = {
    deployments: new Store(),
    helmReleases: new Store(),
    configMaps: new Store(),
    crds: new Store(),
    kcmPresent: false,
  };
  slots = new ChangeSlots({
    cache,
    clock,
    settings: { maxConcurrentChanges: 2, rollDeadlineMs: 30 * MINUTE },
    wake: (key) => woken.push(key),
  });
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    cache.deployments.upsert(readClusterDeployment({ metadata: meta(name), spec: { auditPolicy: 'p' } }));
  }
});

function meta(name: string) {
  version += 1;
  return { name, namespace: 'ns', uid: name, resourceVersion: String(version), generation: 2 };
}

function crdsChange(): void {
  version += 1;
  cache.crds.upsert(
    readCrd({ metadata: { name: 'crd', resourceVersion: String(version) } }, CLUSTER_DEPLOYMENTS),
  );
}

/** A HelmRelease whose values we wrote just now, and how far Flux is. */
function release(name: string, state: 'rolling' | 'settled' | 'failed' | 'not installed', labels = {}): void {
  const done = state === 'settled';
  const policyRef = { name: `${name}-audit-policy`, key: 'policy', hash: 'da099788' };
  const raw = {
    metadata: {
      ...meta(name),
      labels,
      managedFields: [
        {
          manager: 'audit-policy-operator',
          operation: 'Apply',
          time: new Date(clock.now()).toISOString(),
          fieldsV1: { 'f:spec': { 'f:values': { 'f:audit': { 'f:policyRef': { 'f:hash': {} } } } } },
        },
      ],
    },
    spec: { values: { audit: { policyRef } } },
    status: {
      observedGeneration: done ? 2 : 1,
      lastAttemptedGeneration: done || state === 'failed' ? 2 : 1,
      conditions: [
        state === 'failed'
          ? { type: 'Ready', status: 'False', reason: 'UpgradeFailed' }
          : { type: 'Ready', status: 'True' },
      ],
      history: state === 'not installed' ? [] : [{ status: 'deployed' }],
    },
  };
  cache.helmReleases.upsert(readHelmRelease(raw));
}

test('counts what rolls, and what is being written, once each; not the one that asks', () => {
  release('a', 'rolling');
  slots.start('ns/a');
  slots.start('ns/b');
  expect(slots.elsewhere('ns/c')).toBe(2);
  expect(slots.elsewhere('ns/a')).toBe(1);
  slots.done('ns/a', false);
  slots.done('ns/b', false);
  expect(slots.elsewhere('ns/c')).toBe(1);
});

test.each(['settled', 'failed', 'not installed'] as const)('%s: does not count', (state) => {
  release('a', state);
  expect(slots.elsewhere('ns/b')).toBe(0);
});

/** The ConfigMap of a delivered cluster as it is made ready for another content, or as it was. */
function halfWritten(name: string, generation: number): void {
  const { resourceVersion } = meta(name);
  cache.configMaps.upsert(
    readPolicyConfigMap({
      metadata: {
        name: `${name}-audit-policy`,
        namespace: 'ns',
        uid: 'cm',
        resourceVersion,
        annotations: {
          'auditpolicy.dev/sha256': createHash('sha256').update('x').digest('hex'),
          'auditpolicy.dev/helmrelease-before': `${name}/${String(generation)}`,
        },
      },
      data: { policy: 'x' },
    }),
  );
}

test('a change of which only the ConfigMap is written counts, and not for ever', async () => {
  release('a', 'settled');
  halfWritten('a', 2);
  expect(slots.elsewhere('ns/b')).toBe(1);
  expect(slots.elsewhere('ns/a')).toBe(0);
  slots.done('ns/b', true);
  slots.done('ns/c', true);
  slots.done('ns/d', true);
  expect(woken).toEqual(['ns/b']);
  await clock.advance(30 * MINUTE);
  expect(slots.elsewhere('ns/b')).toBe(0);
  expect(woken).toEqual(['ns/b', 'ns/c']);
});

test('it counts no more when the values are written and Flux is done', () => {
  release('a', 'settled');
  halfWritten('a', 2);
  halfWritten('a', 1);
  expect(slots.elsewhere('ns/b')).toBe(0);
});

test('a HelmRelease without a ClusterDeployment does not count, nor one whose deployment goes', () => {
  release('x', 'rolling');
  expect(slots.elsewhere('ns/b')).toBe(0);
  release('a', 'rolling');
  expect(slots.elsewhere('ns/b')).toBe(1);
  cache.deployments.remove('ns/a');
  expect(slots.elsewhere('ns/b')).toBe(0);
});

test('what KCM rolls out does not count', () => {
  cache.kcmPresent = true;
  release('a', 'rolling', { 'k0rdent.mirantis.com/managed': 'true' });
  expect(slots.elsewhere('ns/b')).toBe(0);
  release('b', 'rolling');
  expect(slots.elsewhere('ns/c')).toBe(1);
});

test('when KCM comes, what it rolls out gives its places free; when it goes, what rolls counts again', () => {
  release('a', 'rolling', { 'k0rdent.mirantis.com/managed': 'true' });
  release('b', 'rolling');
  slots.done('ns/c', true);
  cache.kcmPresent = true;
  crdsChange();
  expect(slots.elsewhere('ns/c')).toBe(1);
  expect(woken).toEqual(['ns/c']);
  cache.kcmPresent = false;
  crdsChange();
  expect(slots.elsewhere('ns/c')).toBe(2);
});

test('wakes as many as may start, the longest waiting first, and the next when one of them cannot', () => {
  release('a', 'rolling');
  release('b', 'rolling');
  for (const name of ['c', 'd', 'e']) slots.done(`ns/${name}`, true);
  expect(woken).toEqual([]);
  release('a', 'settled');
  expect(woken).toEqual(['ns/c']);
  release('b', 'settled');
  expect(woken).toEqual(['ns/c', 'ns/d']);
  slots.done('ns/c', false);
  expect(woken).toEqual(['ns/c', 'ns/d', 'ns/e']);
});

test('one that waits again is woken again, behind nobody', () => {
  release('a', 'rolling');
  release('b', 'rolling');
  slots.done('ns/c', true);
  release('a', 'settled');
  slots.start('ns/d');
  slots.done('ns/c', true);
  expect(woken).toEqual(['ns/c']);
  slots.done('ns/d', false);
  expect(woken).toEqual(['ns/c', 'ns/c']);
});

test('the deadline of one that never ends gives its place free', async () => {
  release('a', 'rolling');
  await clock.advance(10 * MINUTE);
  release('b', 'rolling');
  slots.done('ns/c', true);
  slots.done('ns/d', true);
  await clock.advance(19 * MINUTE);
  expect(woken).toEqual([]);
  await clock.advance(MINUTE);
  expect(woken).toEqual(['ns/c']);
  release('c', 'rolling');
  slots.done('ns/c', false);
  await clock.advance(10 * MINUTE);
  expect(woken).toEqual(['ns/c', 'ns/d']);
});

test('a write of which nobody knows whether it was done keeps its place until the next look', () => {
  slots.start('ns/a');
  slots.keep('ns/a');
  slots.done('ns/a', false);
  expect(slots.elsewhere('ns/b')).toBe(1);
  slots.done('ns/a', false);
  expect(slots.elsewhere('ns/b')).toBe(0);
});
