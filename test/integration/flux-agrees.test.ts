import { readHelmRelease } from '../../src/plan/observed/helm-release.ts';
import { releaseManifest } from '../support/fleet.ts';
import { nextStatus, type Outcome } from '../support/flux-status.ts';
import { eventuallyRolled, startFluxWorld, type FluxWorld } from '../support/flux-world.ts';
import { asArray, dig } from '../support/json.ts';
import { helmReleases } from '../support/kinds.ts';
import type { KubeObject } from '../support/kube-object.ts';
import { createNamespace } from '../support/namespace.ts';

/** Most tests play Flux by a stand-in. Here it is held against the real helm-controller, in all that the operator reads. */

let world: FluxWorld;
let namespace: string;
beforeAll(async () => {
  world = await startFluxWorld();
  namespace = await createNamespace(world.api, 'agrees');
  await world.charts.publish(world.api, namespace, 'template-1');
}, 180_000);
afterAll(() => world.stop());

const REFUSED = '22222222';
const SLOW = '33333333';
const withHash = (hash: string) => ({ audit: { policyRef: { name: 'x', key: 'policy', hash } } });

/** A HelmRelease that helm-controller works on, and what the stand-in would have made of the same one. */
interface Pair {
  readonly name: string;
  /** The stand-in's status. */
  status: Record<string, unknown>;
}

async function create(name: string, spec: Record<string, unknown> = {}): Promise<Pair> {
  const values = { ...withHash('11111111'), refusedHash: REFUSED, slowHash: SLOW };
  await world.api.create(helmReleases(namespace), releaseManifest(name, values, spec));
  return { name, status: {} };
}

const change = ({ name }: Pair, spec: Record<string, unknown>): Promise<KubeObject> =>
  world.api.mergePatch(helmReleases(namespace, name), { spec });

/** Lets the stand-in play an outcome, and waits until helm-controller has come to the same. */
async function agree(pair: Pair, outcome: Outcome): Promise<Record<string, unknown>> {
  const release = await world.api.get(helmReleases(namespace, pair.name));
  const next = nextStatus({ ...release, status: pair.status }, outcome, new Date());
  pair.status = mergePatch(pair.status, next);
  const expected = view({ ...release, status: pair.status });
  await eventuallyRolled(async () => {
    expect(view(await world.api.get(helmReleases(namespace, pair.name)))).toEqual(expected);
  });
  return expected;
}

function mergePatch(
  status: Record<string, unknown>,
  patch: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...status, ...patch }).filter(([, value]) => value !== null));
}

/** What `readHelmRelease` answers, and what it reads, by generations that are counted back from the present one. */
function view(release: KubeObject): Record<string, unknown> {
  const { generation = 0 } = release.metadata;
  const status = release.status ?? {};
  const { settled, failure, installed, suspended } = readHelmRelease(release);
  const conditions = asArray(status.conditions ?? [], 'conditions').map((entry): [string, string] => [
    String(dig(entry, 'type')),
    [dig(entry, 'status'), dig(entry, 'reason'), Number(dig(entry, 'observedGeneration')) - generation].join(
      ' ',
    ),
  ]);
  return {
    read: { settled, failure, installed, suspended },
    observed: Number(status.observedGeneration) - generation,
    attempted: Number(status.lastAttemptedGeneration) - generation,
    failures: [status.failures, status.installFailures, status.upgradeFailures],
    conditions: Object.fromEntries(conditions),
    history: asArray(status.history ?? [], 'history').map((entry) => ({
      version: dig(entry, 'version'),
      status: dig(entry, 'status'),
      isAttempted: dig(entry, 'configDigest') === status.lastAttemptedConfigDigest,
    })),
  };
}

test('installed, upgraded, suspended, resumed', async () => {
  const pair = await create('lives');
  expect(await agree(pair, 'succeeded')).toMatchObject({ read: { settled: true, installed: true } });
  await change(pair, { values: withHash('44444444') });
  await agree(pair, 'succeeded');
  await change(pair, { suspend: true, values: withHash('55555555') });
  expect(await agree(pair, 'succeeded')).toMatchObject({
    read: { settled: false, suspended: true },
    observed: 0,
    attempted: -1,
  });
  await change(pair, { suspend: false });
  await agree(pair, 'succeeded');
}, 180_000);

test('refused and given up, then mended', async () => {
  const pair = await create('stalled');
  await agree(pair, 'succeeded');
  await change(pair, { values: withHash(REFUSED) });
  expect(await agree(pair, 'stalled')).toMatchObject({ read: { failure: 'Stalled (RetriesExceeded)' } });
  await change(pair, { values: withHash('44444444') });
  expect(await agree(pair, 'succeeded')).toMatchObject({ read: { settled: true } });
}, 180_000);

test('refused, and tried again by itself', async () => {
  const pair = await create('failed', {
    upgrade: { strategy: { name: 'RetryOnFailure', retryInterval: '5m' } },
  });
  await agree(pair, 'succeeded');
  await change(pair, { values: withHash(REFUSED) });
  expect(await agree(pair, 'failed')).toMatchObject({ read: { settled: false, failure: 'UpgradeFailed' } });
  await change(pair, { values: withHash('44444444') });
  await agree(pair, 'succeeded');
}, 180_000);

test('refused and rolled back, then mended', async () => {
  const pair = await create('remediated', {
    upgrade: { remediation: { retries: 0, remediateLastFailure: true } },
  });
  await agree(pair, 'succeeded');
  await change(pair, { values: withHash(REFUSED) });
  expect(await agree(pair, 'remediated')).toMatchObject({
    read: { settled: false, failure: 'Stalled (RetriesExceeded)' },
    conditions: { Remediated: 'True RollbackSucceeded 0', Ready: 'False RollbackSucceeded 0' },
  });
  await change(pair, { values: withHash('44444444') });
  await agree(pair, 'succeeded');
}, 180_000);

test('under way, also after a failure', async () => {
  const pair = await create('begun');
  await agree(pair, 'succeeded');
  await change(pair, { values: withHash(REFUSED) });
  await agree(pair, 'stalled');
  await change(pair, { values: withHash(SLOW) });
  expect(await agree(pair, 'progressing')).toMatchObject({
    read: { settled: false, failure: undefined },
    conditions: { Released: 'False UpgradeFailed -1', Ready: 'Unknown Progressing 0' },
  });
}, 180_000);
