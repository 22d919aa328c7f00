import { jest } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import type { Fault, Match } from '../support/fault-proxy/index.ts';
import { startFaultyScenario, type FaultyScenario } from '../support/faulty-scenario.ts';
import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { asArray, asRecord, dig } from '../support/json.ts';
import { coreEvents } from '../support/kinds.ts';

jest.setTimeout(60_000);

const METADATA = 'da099788';
const REQUEST = '61d03756';
const OTHER_RULES = [{ level: 'RequestResponse' }];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let faulty: FaultyScenario;
beforeEach(async () => {
  // Skipped time lies ahead of the API server's stamps: a deadline in it must not pass.
  faulty = await startFaultyScenario('hour', { settings: { rollDeadlineMs: 24 * HOUR_MS } });
  await faulty.scenario.fleet.createPolicy('p', METADATA_RULES);
  await faulty.scenario.deliver('c', 'p');
});
afterEach(() => faulty.stop());

interface Told {
  reason: string;
  count: number;
}

/** The Events about the cluster, and how often each says that it happened. */
async function told(): Promise<Told[]> {
  const { api, namespace } = faulty.scenario;
  const events = await api.list(coreEvents(namespace), { fieldSelector: 'involvedObject.name=c' });
  return events.map((event) => ({
    reason: String(dig(event, 'reason')),
    count: Number(dig(event, 'count')),
  }));
}

interface Said {
  status: string;
  reason: string;
  lastTransitionTime: string;
}

async function said(): Promise<Said> {
  const { fleet } = faulty.scenario;
  const conditions = asArray(dig(await fleet.deployment('c'), 'status', 'conditions'), 'conditions');
  const { lastTransitionTime, reason, status } = asRecord(conditions[0], 'condition');
  return {
    status: String(status),
    reason: String(reason),
    lastTransitionTime: String(lastTransitionTime),
  };
}

/** Looks at the condition each virtual minute for an hour; `each` does what makes the trouble. */
async function anHour(each: (minute: number) => Promise<void> | void): Promise<Said[]> {
  const seen: Said[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    await each(minute);
    await faulty.clock.pass(MINUTE_MS);
    seen.push(await said());
  }
  return seen;
}

/** Each change of the time must come with a change of the status. */
function expectTransitionsOnly(seen: readonly Said[]): void {
  for (const [index, now] of seen.entries()) {
    const before = seen[index - 1];
    if (before?.lastTransitionTime === now.lastTransitionTime) continue;
    expect(before?.status).not.toBe(now.status);
  }
}

const values: Match = { method: 'PATCH', kind: 'helmreleases' };
const writesOn = (kind: string) => faulty.proxy.writes.filter((write) => write.kind === kind).length;

describe('F26: an hour of trouble', () => {
  const REFUSALS: Record<string, { fault: Fault; reason: string }> = {
    'the values are answered 500': { fault: { do: 'answer', status: 500 }, reason: 'Succeeded' },
    'the values are forbidden': { fault: { do: 'answer', status: 403 }, reason: 'Forbidden' },
  };
  test.each(Object.entries(REFUSALS))(
    'F26: %s: it is said once, and the condition stands still',
    async (_, { fault, reason }) => {
      const { clock, proxy, scenario } = faulty;
      await eventually(async () => expect(await told()).toHaveLength(1));
      const events = writesOn('events');
      const conditions = writesOn('clusterdeployments');
      const mend = proxy.add({ match: values, fault });
      await scenario.fleet.editPolicy('p', REQUEST_RULES);
      await eventually(async () => expect((await said()).reason).toBe(reason));
      const seen = await anHour(() => undefined);
      expect(new Set(seen.map((each) => each.reason))).toEqual(new Set([reason]));
      expect(new Set(seen.map((each) => each.lastTransitionTime)).size).toBe(1);
      expect(writesOn('clusterdeployments') - conditions).toBeLessThanOrEqual(1);
      expect(writesOn('events') - events).toBeLessThanOrEqual(2);
      expect(proxy.seen(values).length).toBeLessThan(60);

      mend();
      await clock.pass(10 * MINUTE_MS);
      await scenario.waitFor('c', 'True', 'Succeeded', REQUEST);
      expect((await told()).length).toBeLessThanOrEqual(4);
    },
  );

  test('F26: trouble that comes and goes each minute: Events are few, and times change with the status only', async () => {
    const { proxy, scenario } = faulty;
    let mend: (() => void) | undefined;
    const seen = await anHour(async (minute) => {
      if (minute % 2 === 0) {
        mend = proxy.add({ match: values, fault: { do: 'answer', status: 403 } });
        await scenario.fleet.editPolicy('p', REQUEST_RULES);
        await scenario.waitFor('c', 'False', 'Forbidden');
      } else {
        mend?.();
        await scenario.fleet.editPolicy('p', minute % 4 === 1 ? OTHER_RULES : METADATA_RULES);
        await scenario.waitFor('c', 'True', 'Succeeded');
      }
    });
    expectTransitionsOnly(seen);
    expect(new Set(seen.map((each) => each.lastTransitionTime)).size).toBeGreaterThan(30);
    const events = await told();
    expect(events.length).toBeLessThanOrEqual(25);
    // client-go's limit: 25 at once, then one in five minutes.
    expect(events.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(25 + 12 + 1);
    expect(writesOn('events')).toBeLessThanOrEqual(25 + 12 + 1);
    expect(seen.at(-1)).toMatchObject({ status: 'True', reason: 'Succeeded' });
    expect(await scenario.hash('c')).toBe(METADATA);
  });
});
