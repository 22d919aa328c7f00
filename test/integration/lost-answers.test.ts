import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Match } from '../support/fault-proxy/index.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { helmReleases } from '../support/kinds.ts';

jest.setTimeout(60_000);

const REQUEST = '61d03756';
const valuesWrite: Match = { method: 'PATCH', kind: 'helmreleases', isWrite: true };

let faulty: FaultyScenario;
beforeEach(async () => {
  // Skipped time lies ahead of the API server's stamps: a deadline in it must not pass.
  faulty = await startFaultyScenario('lost', {
    settings: { rollDeadlineMs: 86_400_000, maxConcurrentChanges: 1 },
  });
  await faulty.scenario.fleet.createPolicy('p', METADATA_RULES);
});
afterEach(() => faulty.stop());

async function named(hash: string): Promise<number> {
  const { scenario } = faulty;
  const releases = await scenario.api.list(helmReleases(scenario.namespace));
  return releases.filter((release) => dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash') === hash)
    .length;
}

test('F15: while answers are lost and no HelmRelease can be read, an edit starts no more clusters than it may', async () => {
  const { clock, proxy, scenario } = faulty;
  const clusters = ['a', 'b', 'c', 'd'];
  for (const name of clusters) await scenario.deliver(name, 'p');
  await scenario.pauseFlux();
  const mends = [
    proxy.add({ match: valuesWrite, fault: { do: 'reset', when: 'after' } }),
    proxy.add({
      match: { method: 'GET', kind: 'helmreleases', isWatch: false },
      fault: { do: 'answer', status: 500 },
    }),
    proxy.add({ match: { isWatch: true, kind: 'helmreleases' }, fault: { do: 'dropEvents' } }),
  ];
  const from = proxy.requests.length + 1;
  await scenario.fleet.editPolicy('p', REQUEST_RULES);
  await eventually(() => expect(proxy.seen(valuesWrite, from).length).toBeGreaterThan(0));
  await clock.pass(300_000);
  expect(await named(REQUEST)).toBe(1);
  for (const mend of mends) mend();
  scenario.resumeFlux();
  await clock.pass(300_000);
  for (const name of clusters) await scenario.waitForHash(name, REQUEST);
});

test('F16: a write whose answer was lost is known to be done once it is seen: the rival after it still has two turns', async () => {
  const { clock, proxy, scenario } = faulty;
  await scenario.deliver('c', 'p', { theirs: 0 });
  proxy.add({ match: valuesWrite, fault: { do: 'reset', when: 'after' }, times: 2 });
  await scenario.fleet.editPolicy('p', REQUEST_RULES);
  await scenario.waitForHash('c', REQUEST);
  await clock.pass(60_000);
  await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
  await scenario.waitUntilSettled('c');
  let turns = 0;
  for (; turns < 6; turns += 1) {
    const release = await scenario.fleet.release('c');
    const whole = { ...release, spec: { ...release.spec, values: { theirs: turns } } };
    await scenario.api.replace(helmReleases(scenario.namespace, 'c'), whole, { fieldManager: 'rival' });
    await scenario.waitUntilSettled('c');
    await scenario.settledWrites();
    if ((await scenario.hash('c')) === undefined) break;
    await scenario.waitUntilSettled('c');
  }
  expect(turns).toBe(2);
  await scenario.waitFor('c', 'False', 'Reverted', '"rival"');
});
