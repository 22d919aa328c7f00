import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { configMaps } from '../support/kinds.ts';
import type { LogLine } from '../support/operator-process.ts';

jest.setTimeout(30_000);

const METADATA = 'da099788';
const REQUEST = '61d03756';
const NONE_RULES = [{ level: 'None' }];
const NONE = '5321b167';
const LAST = 'e7eefec5';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long a test watches nothing happen, in milliseconds of the machine. */
const QUIET_MS = 300;

let faulty: FaultyScenario;
beforeEach(async () => {
  // Skipped time lies ahead of the API server's stamps: a deadline in it must not pass.
  faulty = await startFaultyScenario('watches', { settings: { rollDeadlineMs: 24 * HOUR_MS } });
  await faulty.scenario.fleet.createPolicy('p', METADATA_RULES);
  await faulty.scenario.deliver('c', 'p');
});
afterEach(() => faulty.stop());

const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));
const logged = (message: string) => faulty.log.filter(({ msg }) => msg === message);

/** Of `steps` those that come in the order of `wanted`, each at most once. */
function inOrder<T>(steps: readonly T[], wanted: readonly T[]): T[] {
  let at = 0;
  return steps.filter((step) => {
    const found = wanted.indexOf(step, at);
    if (found >= 0) at = found + 1;
    return found >= 0;
  });
}

describe('F3: events that never arrive', () => {
  test('F3: a missed update of the policy reaches the cluster at the relist, within an hour', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    const mend = proxy.add({ match: { isWatch: true }, fault: { do: 'dropEvents' } });
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await quiet();
    mend();
    await clock.pass(30 * MINUTE_MS);
    expect(await scenario.hash('c')).toBe(METADATA);
    await clock.pass(31 * MINUTE_MS);
    await scenario.waitForHash('c', REQUEST);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
  });

  test('F3: a missed deletion and missed creations are made up for at the relist', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    const mend = proxy.add({ match: { isWatch: true }, fault: { do: 'dropEvents' } });
    await scenario.api.delete(configMaps(scenario.namespace, 'c-audit-policy'));
    await scenario.fleet.createRelease('late');
    await scenario.fleet.createDeployment('late', { auditPolicy: 'p' });
    await quiet();
    mend();
    await clock.pass(HOUR_MS + MINUTE_MS);
    await scenario.waitForContent('c', 'level: Metadata');
    await scenario.waitForHash('late', METADATA);
    expect(chronicle.generations('c')).toBe(2);
    expect(chronicle.rolls('late')).toEqual([undefined, METADATA]);
  });
});

describe('F4: what is seen is old', () => {
  test('F4: old events replayed on every watch change nothing', async () => {
    const { chronicle, proxy, scenario } = faulty;
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    await scenario.waitUntilSettled('c');
    const writes = await scenario.settledWrites();
    expect(proxy.replay({ isWatch: true })).toBeGreaterThan(10);
    await quiet();
    expect(await scenario.settledWrites()).toBe(writes);
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
    expect(chronicle.contents('c')).toEqual([undefined, METADATA, REQUEST]);
  });

  test('F4: a running operator does not believe lists of the past, and goes on when they are new again', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    const snapshot = await proxy.takeSnapshot();
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    await scenario.waitUntilSettled('c');
    const mend = proxy.add({ match: {}, fault: { do: 'stale', snapshot } });
    const writes = await scenario.settledWrites();
    proxy.endWatches({}, 410);
    await eventually(() =>
      expect(logged('watch interrupted').map(({ err }) => dig(err, 'type'))).toContain('StaleListError'),
    );
    await clock.pass(MINUTE_MS);
    expect(await scenario.settledWrites()).toBe(writes);
    mend();
    await clock.pass(MINUTE_MS);
    await scenario.fleet.editPolicy('p', NONE_RULES);
    await eventually(async () => expect(await scenario.hash('c')).not.toBe(REQUEST));
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST, NONE]);
  });

  test.each(['clusterauditpolicies', 'clusterdeployments', 'configmaps', 'helmreleases', ''])(
    'F4: an operator that starts on old lists of %j writes nothing older, and converges when they catch up',
    async (kind) => {
      const { chronicle, clock, proxy, scenario } = faulty;
      await scenario.fleet.createPolicy('q', NONE_RULES);
      await scenario.fleet.editPolicy('p', REQUEST_RULES);
      await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
      const snapshot = await proxy.takeSnapshot();
      // Everything moves on: another reference, and the policy that was named is edited as well.
      await scenario.fleet.editPolicy('q', METADATA_RULES);
      await scenario.fleet.setReference('c', 'q');
      await scenario.waitForHash('c', METADATA);
      await scenario.fleet.editPolicy('q', [{ level: 'RequestResponse' }]);
      await eventually(async () => expect(await scenario.hash('c')).not.toBe(METADATA));
      await scenario.waitFor('c', 'True', 'Succeeded');
      await scenario.waitUntilSettled('c');
      const hash = String(await scenario.hash('c'));
      await scenario.waitFor('c', 'True', 'Succeeded', hash);

      await scenario.operator.stop();
      const rolls = chronicle.rolls('c');
      const contents = chronicle.contents('c');
      const fault = { do: 'stale', snapshot } as const;
      const mend = proxy.add({ match: kind === '' ? {} : { kind }, fault });
      await scenario.restartOperator();
      await eventually(() => expect(logged('ready')).toHaveLength(2));
      await quiet();
      await clock.pass(2 * MINUTE_MS);
      expect(chronicle.rolls('c')).toEqual(rolls);
      expect(chronicle.contents('c')).toEqual(contents);
      mend();
      proxy.dropConnections();
      await clock.pass(5 * MINUTE_MS);
      await quiet();
      await scenario.waitFor('c', 'True', 'Succeeded', hash);
      expect(chronicle.rolls('c')).toEqual(rolls);
      expect(chronicle.contents('c')).toEqual(contents);
    },
  );

  test.each(['clusterauditpolicies', 'clusterdeployments', 'configmaps', 'helmreleases'])(
    'F4: a watch of %s that lags behind the others brings nothing back and rolls nothing twice',
    async (kind) => {
      const { chronicle, clock, proxy, scenario } = faulty;
      const mend = proxy.add({ match: { kind, isWatch: true }, fault: { do: 'delayEvents', ms: 20_000 } });
      for (const rules of [REQUEST_RULES, NONE_RULES, [{ level: 'RequestResponse' }]]) {
        await scenario.fleet.editPolicy('p', rules);
        await clock.pass(8000);
        await quiet();
      }
      await scenario.fleet.createPolicy('q', REQUEST_RULES);
      await scenario.fleet.setReference('c', 'q');
      await clock.pass(MINUTE_MS);
      await quiet();
      mend();
      await clock.pass(2 * MINUTE_MS);
      await scenario.waitForHash('c', REQUEST);
      await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
      const wanted = [undefined, METADATA, REQUEST, NONE, LAST, REQUEST];
      for (const steps of [chronicle.rolls('c'), chronicle.contents('c')]) {
        expect(steps).toEqual(inOrder(steps, wanted));
      }
      const annotations = (await scenario.configMap('c'))?.metadata.annotations;
      expect(annotations).not.toHaveProperty('auditpolicy.dev/reverted');
    },
  );
});

describe('F5: the API server has forgotten', () => {
  test('F5: after 410 on every watch the collections are read anew; nothing is lost, nothing is written twice', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    const writes = await scenario.settledWrites();
    proxy.endWatches({}, 410);
    await clock.pass(10_000);
    await eventually(() => expect(proxy.seen({ isWatchList: true }).length).toBeGreaterThan(12));
    expect(await scenario.settledWrites()).toBe(writes);

    // A watch that is refused with 410 when it is opened, with a change in between.
    proxy.add({
      match: { isWatch: true, also: ({ isWatchList }) => !isWatchList },
      fault: { do: 'answer', status: 410 },
      times: 9,
    });
    const drop = proxy.add({ match: { isWatch: true }, fault: { do: 'dropEvents' } });
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await quiet();
    drop();
    proxy.endWatches();
    // Whoever began anew while everything was dropped backs off first.
    for (let minutes = 0; minutes < 5 && (await scenario.hash('c')) !== REQUEST; minutes += 1) {
      await clock.pass(MINUTE_MS);
      await quiet();
    }
    await scenario.waitForHash('c', REQUEST);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
    expect(chronicle.contents('c')).toEqual([undefined, METADATA, REQUEST]);
  });
});

describe('F6: a watch hangs half-open', () => {
  test('F6: after 150 s of silence it is given up, said in the log, and what was missed is made up for', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    await clock.pass(5 * MINUTE_MS);
    const isStall = ({ err }: LogLine) => dig(err, 'type') === 'WatchStalledError';
    expect(logged('watch interrupted').filter(isStall)).toEqual([]);

    proxy.silenceWatches();
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await clock.pass(80_000);
    await quiet();
    expect(await scenario.hash('c')).toBe(METADATA);
    await clock.pass(80_000);
    await scenario.waitForHash('c', REQUEST);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    const stalls = logged('watch interrupted').filter(isStall);
    expect(stalls).toContainEqual(expect.objectContaining({ level: 'warn', kind: 'clusterauditpolicies' }));
    expect(stalls.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['helmreleases', 'configmaps']));
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
  });

  test('F6: a watch whose answer never begins is given up as well', async () => {
    const { clock, proxy, scenario } = faulty;
    const mend = proxy.add({ match: { isWatch: true }, fault: { do: 'silence', when: 'before' } });
    proxy.endWatches({ kind: 'clusterauditpolicies' });
    await eventually(() => expect(proxy.requests.some(({ fault }) => fault === 'silence')).toBe(true));
    mend();
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await clock.pass(170_000);
    await scenario.waitForHash('c', REQUEST);
    expect(logged('watch interrupted')).not.toEqual([]);
  });
});
