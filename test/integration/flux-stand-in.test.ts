import { readHelmRelease } from '../../src/plan/observed/helm-release.ts';
import { sharedApi } from '../support/api.ts';
import type { Api, KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fluxStandIn } from '../support/flux-stand-in.ts';
import type { FluxStandIn } from '../support/flux-stand-in.ts';
import { isSettled } from '../support/flux-status.ts';
import { dig } from '../support/json.ts';
import { helmReleases } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';

let api: Api;
let namespace: string;
let flux: FluxStandIn;
beforeAll(async () => {
  api = await sharedApi();
  namespace = await createNamespace(api, 'flux');
  flux = fluxStandIn(api);
});
afterAll(() => {
  api.close();
});

async function createRelease(name: string): Promise<KubeObject> {
  return await api.create(helmReleases(namespace), {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name },
    spec: { interval: '10m', chartRef: { kind: 'HelmChart', name: 'chart' }, values: { a: 1 } },
  });
}

async function change(name: string, spec: object): Promise<KubeObject> {
  return await api.mergePatch(helmReleases(namespace, name), { spec });
}

/** The rule by which the operator tells that values are rolled out, and the stand-in's own: they must agree. */
function settled(release: KubeObject): boolean {
  expect(isSettled(release)).toBe(readHelmRelease(release).settled);
  return isSettled(release);
}

function conditions(release: KubeObject): unknown {
  const list = dig(release, 'status', 'conditions');
  if (!Array.isArray(list)) return list;
  return Object.fromEntries(
    list.map((c): [string, string] => [
      String(dig(c, 'type')),
      `${String(dig(c, 'status'))} ${String(dig(c, 'reason'))}`,
    ]),
  );
}

test('install, then an upgrade', async () => {
  expect(settled(await createRelease('upgrade'))).toBe(false);
  const installed = await flux.settle(namespace, 'upgrade');
  expect(settled(installed)).toBe(true);
  expect(conditions(installed)).toEqual({
    Released: 'True InstallSucceeded',
    Ready: 'True InstallSucceeded',
  });

  expect(settled(await change('upgrade', { values: { a: 2 } }))).toBe(false);
  const begun = await flux.begin(namespace, 'upgrade');
  expect(settled(begun)).toBe(false);
  expect(begun.status).toMatchObject({ observedGeneration: 1, lastAttemptedGeneration: 2 });
  expect(conditions(begun)).toMatchObject({ Reconciling: 'True Progressing', Ready: 'Unknown Progressing' });

  const upgraded = await flux.settle(namespace, 'upgrade');
  expect(settled(upgraded)).toBe(true);
  expect(conditions(upgraded)).toEqual({ Released: 'True UpgradeSucceeded', Ready: 'True UpgradeSucceeded' });
  expect(upgraded.status?.history).toMatchObject([
    { version: 2, status: 'deployed' },
    { version: 1, status: 'superseded' },
  ]);
});

test('a failed upgrade leaves the old release deployed, below the failed one; a stalled one is final', async () => {
  await createRelease('failed');
  await flux.settle(namespace, 'failed');
  await change('failed', { values: { a: 2 } });
  const failed = await flux.fail(namespace, 'failed');
  expect(readHelmRelease(failed)).toMatchObject({
    settled: false,
    failure: 'UpgradeFailed',
    installed: true,
  });
  expect(failed.status).toMatchObject({ observedGeneration: 2, lastAttemptedGeneration: 2, failures: 1 });
  expect(failed.status?.history).toMatchObject([
    { version: 2, status: 'failed', configDigest: failed.status?.lastAttemptedConfigDigest },
    { version: 1, status: 'deployed' },
  ]);
  expect(dig(failed, 'status', 'history', 1, 'configDigest')).not.toBe(
    dig(failed, 'status', 'lastAttemptedConfigDigest'),
  );
  expect(conditions(failed)).toMatchObject({ Ready: 'False UpgradeFailed', Released: 'False UpgradeFailed' });

  const stalled = await flux.stall(namespace, 'failed');
  expect(readHelmRelease(stalled).failure).toBe('Stalled (RetriesExceeded)');
  expect(conditions(stalled)).not.toHaveProperty('Reconciling');

  await change('failed', { values: { a: 3 } });
  const repaired = await flux.settle(namespace, 'failed');
  expect(settled(repaired)).toBe(true);
  expect(conditions(repaired)).not.toHaveProperty('Stalled');
  expect(repaired.status).not.toHaveProperty('failures');
  expect(repaired.status?.history).toMatchObject([
    { version: 4, status: 'deployed' },
    { version: 3, status: 'failed' },
    { version: 2, status: 'failed' },
    { version: 1, status: 'superseded' },
  ]);
});

test('after a rollback the old values are deployed, as a newer version', async () => {
  await createRelease('remediated');
  const before = await flux.settle(namespace, 'remediated');
  await change('remediated', { values: { a: 2 } });
  const after = await flux.remediate(namespace, 'remediated');
  expect(settled(after)).toBe(false);
  expect(readHelmRelease(after).failure).toBe('Stalled (RetriesExceeded)');
  expect(after.status?.history).toMatchObject([
    { version: 3, status: 'deployed', configDigest: before.status?.lastAttemptedConfigDigest },
    { version: 2, status: 'failed' },
    { version: 1, status: 'superseded' },
  ]);
  expect(conditions(after)).toEqual({
    Released: 'False UpgradeFailed',
    Ready: 'False RollbackSucceeded',
    Remediated: 'True RollbackSucceeded',
    Stalled: 'True RetriesExceeded',
  });
  await change('remediated', { values: { a: 1 } });
  expect(conditions(await flux.settle(namespace, 'remediated'))).not.toHaveProperty('Remediated');
});

test('a suspended release moves observedGeneration and nothing else', async () => {
  await createRelease('suspended');
  const before = await flux.settle(namespace, 'suspended');
  await change('suspended', { suspend: true, values: { a: 2 } });
  const after = await flux.settle(namespace, 'suspended');
  expect(after.status).toEqual({ ...before.status, observedGeneration: 2 });
  expect(settled(after)).toBe(false);
  await change('suspended', { suspend: false });
  expect(settled(await flux.settle(namespace, 'suspended'))).toBe(true);
});

test('run settles whatever is unsettled in its namespace, until stopped', async () => {
  const own = await createNamespace(api, 'flux-run');
  const body = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    spec: { interval: '10m', chartRef: { kind: 'HelmChart', name: 'chart' } },
  };
  for (const name of ['a', 'b', 'skipped'])
    await api.create(helmReleases(own), { ...body, metadata: { name } });
  await createRelease('elsewhere');
  const running = flux.run({
    namespace: own,
    intervalMs: 20,
    upgradeMs: 50,
    skip: ({ metadata }) => metadata.name === 'skipped',
  });
  const expectSettled = async (name: string): Promise<void> => {
    await eventually(async () => {
      expect(settled(await api.get(helmReleases(own, name)))).toBe(true);
    });
  };
  await expectSettled('a');
  await expectSettled('b');
  await api.mergePatch(helmReleases(own, 'a'), { spec: { values: { x: 1 } } });
  await expectSettled('a');
  await running.stop();
  expect(settled(await api.get(helmReleases(own, 'skipped')))).toBe(false);
  expect(settled(await api.get(helmReleases(namespace, 'elsewhere')))).toBe(false);
  await api.mergePatch(helmReleases(own, 'b'), { spec: { values: { x: 1 } } });
  const { resourceVersion } = (await api.get(helmReleases(own, 'b'))).metadata;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await api.get(helmReleases(own, 'b'))).metadata.resourceVersion).toBe(resourceVersion);
});
