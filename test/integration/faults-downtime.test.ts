import { jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import type { ProxiedRequest } from '../support/fault-proxy/index.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { dig } from '../support/json.ts';

jest.setTimeout(60_000);

const METADATA = 'da099788';
const REQUEST = '61d03756';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DOWNTIME_MS = 10 * MINUTE_MS;
const COMPACTION_S = 1;
/** The chronicle goes by the machine's clock, and has a back-off of its own. */
const PATIENCE = { timeoutMs: 30_000 };

/** An API server of its own, since it is stopped and started. */
let controlPlane: ControlPlane;
let folder: string;
let api: Api;
let server: { api: Api; operatorKubeconfig: string; adminKubeconfig: string };
let faulty: FaultyScenario;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-policy-downtime-'));
  controlPlane = await startControlPlane({ extraArgs: [`--etcd-compaction-interval=${COMPACTION_S}s`] });
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api);
  await installRbac(api);
});
beforeEach(async () => {
  server = {
    api: await apiFromKubeconfig(controlPlane.kubeconfig),
    operatorKubeconfig: await operatorKubeconfig(api, join(folder, 'operator')),
    adminKubeconfig: controlPlane.kubeconfig,
  };
});
afterEach(() => faulty.stop());
afterAll(async () => {
  api.close();
  await controlPlane.stop();
  await rm(folder, { recursive: true, force: true });
});

const collection = ({ kind, query }: ProxiedRequest) => `${kind} ${query.get('fieldSelector') ?? ''}`;

/** Ten minutes without an API server; Flux cannot do anything either. */
async function downtime(): Promise<{ watched: number }> {
  const watched = faulty.proxy.openWatches().length;
  await faulty.scenario.pauseFlux();
  await controlPlane.stopApiserver('SIGKILL');
  await faulty.clock.pass(DOWNTIME_MS);
  await controlPlane.restartApiserver();
  return { watched };
}

/** Lets the operator's back-off pass until it watches everything that it watched before. */
async function findBack(watched: number): Promise<void> {
  for (let tries = 0; tries < 40 && faulty.proxy.openWatches().length < watched; tries += 1) {
    await faulty.clock.pass(5 * SECOND_MS);
  }
  expect(faulty.proxy.openWatches().length).toBeGreaterThanOrEqual(watched);
}

test('F8: the API server is gone for ten minutes: few requests meanwhile, no herd after, and it catches up', async () => {
  faulty = await startFaultyScenario(
    'downtime',
    { settings: { rollDeadlineMs: 24 * 60 * MINUTE_MS } },
    server,
  );
  const { chronicle, clock, proxy, scenario } = faulty;
  await scenario.fleet.createPolicy('p', METADATA_RULES);
  const clusters = ['a', 'b', 'c'];
  for (const cluster of clusters) await scenario.deliver(cluster, 'p');
  await scenario.settledWrites();
  // An edit that arrives in the last moment: all its work falls into the downtime.
  proxy.add({ match: { isWrite: true }, fault: { do: 'reset', when: 'before' }, times: 3 });
  await scenario.fleet.editPolicy('p', REQUEST_RULES);
  const from = proxy.requests.length + 1;
  const { watched } = await downtime();

  const seconds = DOWNTIME_MS / SECOND_MS;
  for (const [, requests] of Map.groupBy(proxy.seen({}, from), collection)) {
    expect(requests.length / seconds).toBeLessThan(1);
  }
  expect(proxy.seen({ isWatch: true }, from).length).toBeGreaterThan(50);

  const back = proxy.requests.length + 1;
  const backAt = clock.monotonic();
  scenario.resumeFlux();
  await findBack(watched);
  await clock.pass(5 * MINUTE_MS);
  for (const cluster of clusters) {
    await scenario.waitForHash(cluster, REQUEST);
    await scenario.waitFor(cluster, 'True', 'Succeeded', REQUEST);
    await eventually(
      () => expect(chronicle.rolls(cluster)).toEqual([undefined, METADATA, REQUEST]),
      PATIENCE,
    );
  }
  // Every watch comes back in its own time: not all of them in one second.
  const watches = proxy.seen({ isWatch: true }, back).filter(({ status }) => status === 200);
  const firsts = [...Map.groupBy(watches, collection).values()].map(([first]) => (first?.at ?? 0) - backAt);
  expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThan(2 * SECOND_MS);
  for (const [, requests] of Map.groupBy(proxy.seen({}, back), collection)) {
    expect(requests.length).toBeLessThan(60);
  }
});

test('F8: no deadline and no retention runs out by the downtime alone', async () => {
  const settings = { rollDeadlineMs: 5 * MINUTE_MS, configMapRetentionMs: 5 * MINUTE_MS };
  faulty = await startFaultyScenario('deadlines', { settings }, server);
  const { chronicle, clock, scenario } = faulty;
  await scenario.fleet.createPolicy('p', METADATA_RULES);
  await scenario.fleet.createPolicy('q', METADATA_RULES);
  await scenario.deliver('rolling', 'p');
  await scenario.deliver('cleared', 'q');
  await scenario.fleet.setReference('cleared', null);
  await eventually(async () => expect(await scenario.hash('cleared')).toBeUndefined());
  await scenario.waitUntilSettled('cleared');
  await scenario.pauseFlux();
  await scenario.fleet.editPolicy('p', REQUEST_RULES);
  await scenario.waitForHash('rolling', REQUEST);
  await scenario.flux.begin(scenario.namespace, 'rolling');
  await scenario.fleet.editPolicy('p', [{ level: 'None' }]);
  await scenario.waitFor('rolling', 'False', 'RollInProgress');
  const { watched } = await downtime();

  // Flux and the control planes were as blind as the operator: they get the time that they had.
  await findBack(watched);
  await clock.pass(MINUTE_MS);
  await scenario.settledWrites();
  expect((await scenario.condition('rolling'))?.reason).toBe('RollInProgress');
  expect(await scenario.configMap('cleared')).toBeDefined();

  // What passes in sight of the API server counts, as ever.
  await clock.pass(6 * MINUTE_MS);
  await scenario.waitFor('rolling', 'True', 'Succeeded');
  await eventually(async () => expect(await scenario.configMap('cleared')).toBeUndefined());
  await eventually(() => expect(chronicle.rolls('rolling')).toHaveLength(4), PATIENCE);
});

test('F5: what etcd has really compacted is read anew: nothing is lost, and no second roll', async () => {
  faulty = await startFaultyScenario(
    'compaction',
    { settings: { rollDeadlineMs: 24 * 60 * MINUTE_MS } },
    server,
  );
  const { chronicle, clock, log, proxy, scenario } = faulty;
  await scenario.fleet.createPolicy('p', METADATA_RULES);
  await scenario.deliver('c', 'p');
  await scenario.deliver('same', 'p');
  const writes = await scenario.settledWrites();
  const watched = proxy.openWatches().length;
  const cut = proxy.add({ match: {}, fault: { do: 'reset', when: 'before' } });
  proxy.dropConnections();
  await scenario.fleet.editPolicy('p', REQUEST_RULES);
  await scenario.fleet.editPolicy('p', METADATA_RULES);
  for (let count = 0; count < 4; count += 1) {
    await scenario.fleet.createPolicy(`other-${count}`);
    await sleep(COMPACTION_S * SECOND_MS);
  }
  await scenario.pauseFlux();
  await controlPlane.restartApiserver();
  scenario.resumeFlux();
  cut();
  await findBack(watched);
  const gone = () => log.filter(({ err }) => dig(err, 'code') === 'Gone').map(({ kind }) => kind);
  await eventually(() =>
    expect(gone()).toEqual(expect.arrayContaining(['clusterauditpolicies', 'helmreleases'])),
  );
  await clock.pass(MINUTE_MS);
  await scenario.settledWrites();
  const since = scenario.writesSince(writes);
  expect(since.filter((write) => !write.includes('ClusterAuditPolicy/'))).toEqual([]);
  expect(chronicle.rolls('c')).toEqual([undefined, METADATA]);
  expect(chronicle.generations('same')).toBe(2);
});
