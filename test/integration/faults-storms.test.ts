import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Fault, Match, ProxiedRequest } from '../support/fault-proxy/index.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';

jest.setTimeout(30_000);

const METADATA = 'da099788';
const REQUEST = '61d03756';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const STORM_MS = 5 * MINUTE_MS;
/** What comes together in skipped time may come that much apart. */
const CLOCK_MS = 60;
const CLUSTERS = ['a', 'b', 'c'];

let faulty: FaultyScenario;
beforeEach(async () => {
  // Skipped time lies ahead of the API server's stamps: a deadline in it must not pass.
  faulty = await startFaultyScenario('storms', { settings: { rollDeadlineMs: 24 * 60 * MINUTE_MS } });
  const { scenario } = faulty;
  await scenario.fleet.createPolicy('p', METADATA_RULES);
  for (const cluster of CLUSTERS) await scenario.deliver(cluster, 'p');
});
afterEach(() => faulty.stop());

const reads: Match = { also: ({ isList, isWatch }) => isList || isWatch };
const collection = ({ path, query }: ProxiedRequest) => `${path} ${query.get('fieldSelector') ?? ''}`;

/** Requests a second, by `part` of them, over a storm. */
function ratesOf(
  requests: readonly ProxiedRequest[],
  part: (request: ProxiedRequest) => string,
): Record<string, number> {
  const groups = Map.groupBy(requests, part);
  return Object.fromEntries([...groups].map(([key, { length }]) => [key, length / (STORM_MS / SECOND_MS)]));
}

/** The times between requests of one collection or object, milliseconds. */
function gapsOf(requests: readonly ProxiedRequest[]): number[] {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? at));
}

async function delivered(hash: string): Promise<void> {
  for (const cluster of CLUSTERS) {
    await faulty.scenario.waitForHash(cluster, hash);
    await faulty.scenario.waitFor(cluster, 'True', 'Succeeded', hash);
  }
}

describe('F7: a storm on watches and lists', () => {
  const STORMS: { of: string; fault: Fault; leastGapMs: number }[] = [
    { of: 'resets', fault: { do: 'reset', when: 'before' }, leastGapMs: 800 },
    { of: '500', fault: { do: 'answer', status: 500 }, leastGapMs: 800 },
    {
      of: '429 with Retry-After',
      fault: { do: 'answer', status: 429, retryAfterSeconds: 20 },
      leastGapMs: 20 * SECOND_MS,
    },
  ];
  test.each(STORMS)(
    'F7: of $of: under one request a second and kind, spread by chance, and then all is well again',
    async ({ fault, leastGapMs }) => {
      const { chronicle, clock, proxy, scenario } = faulty;
      const writes = await scenario.settledWrites();
      const mend = proxy.add({ match: reads, fault });
      const from = proxy.requests.length + 1;
      proxy.dropConnections();
      await clock.pass(STORM_MS);
      const storm = proxy.seen(reads, from);
      const rates = ratesOf(storm, collection);
      expect(Object.keys(rates).length).toBeGreaterThanOrEqual(8);
      for (const rate of Object.values(rates)) {
        expect(rate).toBeGreaterThan(1 / 60);
        expect(rate).toBeLessThan(0.2);
      }
      const gaps = [...Map.groupBy(storm, collection).values()].map(gapsOf);
      expect(Math.min(...gaps.flat())).toBeGreaterThanOrEqual(leastGapMs - CLOCK_MS);
      expect(Math.max(...gaps.flat())).toBeLessThan(75 * SECOND_MS);
      // Those that failed together have parted ways.
      const lasts = gaps.map((all) => Math.round((all.at(-2) ?? 0) / 100));
      expect(new Set(lasts).size).toBeGreaterThan(3);
      expect(await scenario.settledWrites(100)).toBe(writes);

      mend();
      await scenario.fleet.editPolicy('p', REQUEST_RULES);
      await clock.pass(40 * SECOND_MS);
      await delivered(REQUEST);
      for (const cluster of CLUSTERS)
        expect(chronicle.rolls(cluster)).toEqual([undefined, METADATA, REQUEST]);
    },
  );
});

describe('F7: a storm on writes', () => {
  const STORMS: Record<string, { match: Match; fault: Fault; leastGapMs: number }> = {
    'every write is answered 500': {
      match: { isWrite: true },
      fault: { do: 'answer', status: 500 },
      leastGapMs: 5,
    },
    'every write is reset': {
      match: { isWrite: true },
      fault: { do: 'reset', when: 'before' },
      leastGapMs: 5,
    },
    'every write is answered 429 with Retry-After': {
      match: { isWrite: true },
      fault: { do: 'answer', status: 429, retryAfterSeconds: 7 },
      leastGapMs: 7 * SECOND_MS,
    },
    'ConfigMaps are answered 409': {
      match: { kind: 'configmaps', isWrite: true },
      fault: { do: 'answer', status: 409 },
      leastGapMs: 5,
    },
    'values are answered 409': {
      match: { kind: 'helmreleases', method: 'PATCH' },
      fault: { do: 'answer', status: 409 },
      leastGapMs: 5,
    },
    'conditions are answered 500': {
      match: { kind: 'clusterdeployments', isWrite: true },
      fault: { do: 'answer', status: 500 },
      leastGapMs: 5,
    },
  };
  test.each(Object.entries(STORMS))(
    'F7: %s: ever less often, under one request a second and kind, one roll in the end',
    async (_, { fault, leastGapMs, match }) => {
      const { chronicle, clock, proxy, scenario } = faulty;
      // The counts of the policy follow a little later.
      await clock.pass(10 * SECOND_MS);
      const mend = proxy.add({ match, fault });
      const from = proxy.requests.length + 1;
      await scenario.fleet.editPolicy('p', REQUEST_RULES);
      await eventually(() => expect(proxy.seen(match, from)).not.toEqual([]));
      await clock.pass(STORM_MS);
      const storm = proxy.seen({ also: ({ isWatch }) => !isWatch }, from);
      for (const rate of Object.values(ratesOf(storm, ({ kind }) => kind))) expect(rate).toBeLessThan(1);
      const hit = storm.filter((request) => request.fault !== undefined);
      const byObject = [...Map.groupBy(hit, ({ path }) => path).values()];
      for (const requests of byObject) expect(requests.length).toBeLessThan(60);
      const gaps = byObject.filter(([first]) => first?.name !== undefined).flatMap(gapsOf);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(leastGapMs - CLOCK_MS);
      // The last minute is quieter than the first: the back-off grows.
      const start = hit[0]?.at ?? 0;
      const inMinute = (minute: number) =>
        hit.filter(({ at }) => Math.floor((at - start) / MINUTE_MS) === minute).length;
      expect(inMinute(3) + inMinute(4)).toBeLessThanOrEqual(inMinute(0) + inMinute(1));

      mend();
      await clock.pass(10 * MINUTE_MS);
      await delivered(REQUEST);
      for (const cluster of CLUSTERS)
        expect(chronicle.rolls(cluster)).toEqual([undefined, METADATA, REQUEST]);
    },
  );
});
