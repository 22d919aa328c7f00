import { jest } from '@jest/globals';
import { configMaps, helmReleases } from '../support/kinds.ts';
import { eventually } from '../support/eventually.ts';
import type { Fault, Match } from '../support/fault-proxy/index.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';

jest.setTimeout(30_000);

const METADATA = 'da099788';
const REQUEST = '61d03756';
/** What a moment between two writes may last, and the news of them, on a busy machine. */
const MOMENT_MS = 1500;

let faulty: FaultyScenario;
beforeEach(async () => {
  // Skipped time lies ahead of the API server's stamps: a deadline in it must not pass.
  faulty = await startFaultyScenario('writes', { settings: { rollDeadlineMs: 86_400_000 } });
  await faulty.scenario.fleet.createPolicy('p', METADATA_RULES);
});
afterEach(() => faulty.stop());

const releases: Match = { method: 'PATCH', kind: 'helmreleases' };
const FAULTS: Record<string, Fault> = {
  'answered 500': { do: 'answer', status: 500 },
  'answered 429': { do: 'answer', status: 429, retryAfterSeconds: 5 },
  'reset before it is done': { do: 'reset', when: 'before' },
  'lost half-open before it is done': { do: 'silence', when: 'before' },
};
const edits = Object.entries(FAULTS).map(([how, fault]) => ({ how, fault, match: releases }));
edits.push({
  how: 'answered 500, and a rehearsal is not',
  fault: { do: 'answer', status: 500 },
  match: { ...releases, isWrite: true },
});

describe('F2: values cannot be written for a while', () => {
  test.each(edits)('$how: the old bytes stay beside the old values', async ({ fault, match }) => {
    const { chronicle, clock, proxy, scenario } = faulty;
    await scenario.deliver('c', 'p');
    const mend = proxy.add({ match, fault });
    const from = proxy.requests.length + 1;
    await scenario.fleet.editPolicy('p', REQUEST_RULES);
    await eventually(() => expect(proxy.seen(releases, from).length).toBeGreaterThan(0));
    await clock.pass(120_000);
    expect(proxy.seen(releases, from).length).toBeGreaterThan(2);
    await eventually(async () => {
      expect((await scenario.configMap('c'))?.data?.policy).toContain('level: Metadata');
      expect(await scenario.hash('c')).toBe(METADATA);
    });
    mend();
    await clock.pass(300_000);
    await scenario.waitForContent('c', 'level: Request');
    await scenario.waitForHash('c', REQUEST);
    await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
    expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
    expect(chronicle.generations('c')).toBe(3);
    expect(chronicle.longestTornMs('c')).toBeLessThan(MOMENT_MS);
  });

  test('a first delivery goes on where it stood', async () => {
    const { chronicle, clock, proxy, scenario } = faulty;
    const mend = proxy.add({ match: releases, fault: { do: 'answer', status: 500 } });
    await scenario.fleet.createRelease('c', { replicas: 3 });
    await scenario.fleet.createDeployment('c', { auditPolicy: 'p' });
    await eventually(() => expect(proxy.seen(releases).length).toBeGreaterThan(0));
    await clock.pass(60_000);
    expect(await scenario.hash('c')).toBeUndefined();
    const made = await scenario.api.get(configMaps(scenario.namespace, 'c-audit-policy'));
    mend();
    await clock.pass(300_000);
    await scenario.waitForHash('c', METADATA);
    await scenario.waitFor('c', 'True', 'Succeeded', METADATA);
    const now = await scenario.api.get(configMaps(scenario.namespace, 'c-audit-policy'));
    expect([now.metadata.uid, now.data]).toEqual([made.metadata.uid, made.data]);
    expect(now.metadata.annotations).not.toHaveProperty('auditpolicy.dev/reverted');
    expect(chronicle.generations('c')).toBe(2);
  });
});

describe('F2: the API server does a write, and its answer is lost', () => {
  const LOST: Record<string, Fault> = {
    'the connection breaks': { do: 'reset', when: 'after' },
    'the connection hangs half-open': { do: 'silence', when: 'after' },
  };
  const WRITES: Record<string, Match> = {
    ConfigMap: { kind: 'configmaps', isWrite: true },
    ControllerRevision: { kind: 'controllerrevisions', isWrite: true },
    values: { ...releases, isWrite: true },
    condition: { kind: 'clusterdeployments', isWrite: true },
  };
  const cases = Object.entries(WRITES).flatMap(([what, match]) =>
    Object.entries(LOST).map(([how, fault]) => ({ what, how, match, fault })),
  );
  test.each(cases)(
    '$what, $how: one roll all the same, at creation and at an edit',
    async ({ match, fault }) => {
      const { chronicle, clock, proxy, scenario } = faulty;
      proxy.add({ match, fault, times: 1 });
      await scenario.fleet.createRelease('c');
      await scenario.fleet.createDeployment('c', { auditPolicy: 'p' });
      await eventually(() => expect(proxy.requests.some((each) => each.fault !== undefined)).toBe(true));
      await clock.pass(90_000);
      await scenario.waitForHash('c', METADATA);
      await scenario.waitFor('c', 'True', 'Succeeded', METADATA);
      await scenario.waitUntilSettled('c');

      proxy.add({ match, fault, times: 1 });
      await scenario.fleet.editPolicy('p', REQUEST_RULES);
      await eventually(() =>
        expect(proxy.requests.filter((each) => each.fault !== undefined)).toHaveLength(2),
      );
      await clock.pass(90_000);
      await scenario.waitForHash('c', REQUEST);
      await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
      expect(chronicle.rolls('c')).toEqual([undefined, METADATA, REQUEST]);
      expect(chronicle.generations('c')).toBe(3);
      expect(chronicle.contents('c')).toEqual([undefined, METADATA, REQUEST]);
      const { metadata } = await scenario.api.get(helmReleases(scenario.namespace, 'c'));
      expect(metadata.generation).toBe(3);
    },
  );
});
