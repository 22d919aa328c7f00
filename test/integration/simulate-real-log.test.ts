import { jest } from '@jest/globals';
import type { AuditPolicy } from '../../src/policy/types.ts';
import { SeenEvents } from '../../src/simulate/duplicates.ts';
import { resultOf } from '../../src/simulate/result-of.ts';
import type { PolicyResult, Volume } from '../../src/simulate/result.ts';
import { Simulator } from '../../src/simulate/simulator.ts';
import { differences } from '../support/audit-log/differences.ts';
import { masked } from '../support/audit-log/mask.ts';
import { comparedPolicies, EVERYTHING } from '../support/audit-log/policies.ts';
import { recordDay, type RecordedDay } from '../support/audit-log/record.ts';
import { simulatedFrom, writtenIn, type WrittenEvent } from '../support/audit-log/written.ts';

// Each policy has an API server of its own and a day's work of some seconds.
jest.setTimeout(90_000);

/**
 * Steps whose end kube-apiserver cannot write from level Request on: the patch is to be part of the event and is no JSON, so that
 * the event is lost ("Error in audit plugin"). No recording with bodies has it.
 */
const LOST_WITH_BODIES = ['JSON patch that is no JSON: 400', 'apply as YAML'];

const policies = await comparedPolicies();
let recorded: RecordedDay;
let log: readonly string[];

beforeAll(async () => {
  recorded = await recordDay(EVERYTHING);
  log = recorded.lines.map(masked);
});

test('the recording has what each step is there for', () => {
  // The status that a step was written for stands in its title.
  const odd = [...recorded.steps.values()].filter(({ title, status }) => {
    const expected = /: (\d{3})\b/.exec(title)?.[1];
    return expected !== undefined && expected !== String(status);
  });
  expect(odd).toEqual([]);
  const events = writtenIn(log, EVERYTHING);
  const stages = Map.groupBy(events, ({ event }) => event.stage);
  expect([...stages.keys()].sort()).toEqual(['RequestReceived', 'ResponseComplete', 'ResponseStarted']);
  const steps = new Set(events.map(({ event }) => event.userAgent));
  expect([...recorded.steps.keys()].filter((step) => !steps.has(step))).toEqual([]);
  expect(unfinished()).toEqual(LOST_WITH_BODIES);
  expect(recorded.unwritten).toBe(LOST_WITH_BODIES.length);
});

test.each(policies)('%s: event for event, what a real kube-apiserver writes', async (_, policy) => {
  const { lines } = await recordDay(policy);
  const real = writtenIn(lines.map(masked), policy);
  const lost = lostIn(real);
  const comparable = real.filter((event) => !lost.includes(event));

  expect(lost.map(({ event }) => titleOf(event)).sort()).toEqual(lostButWrittenBy(policy));
  expect(differences(simulatedFrom(log, policy), comparable)).toEqual([]);
  expect(written(simulate(policy, log, EVERYTHING))).toEqual(byRule(comparable));
  // A policy over which nothing is written would prove nothing.
  expect(comparable.length).toBeGreaterThan(50);
});

function titleOf(event: Record<string, unknown>): string {
  return recorded.steps.get(String(event.userAgent))?.title ?? '';
}

/** Steps that came in and have no end in the recording. */
function unfinished(): string[] {
  const events = writtenIn(log, EVERYTHING).map(({ event }) => event);
  const answered = new Set(
    events.filter(({ stage }) => stage !== 'RequestReceived').map(({ userAgent }) => userAgent),
  );
  return events
    .filter(({ userAgent }) => !answered.has(userAgent))
    .map(titleOf)
    .sort();
}

/** What was written of the ends that the recording cannot have. */
function lostIn(written: readonly WrittenEvent[]): WrittenEvent[] {
  return written.filter(
    ({ event }) => event.stage === 'ResponseComplete' && LOST_WITH_BODIES.includes(titleOf(event)),
  );
}

/** At Metadata there is no patch in the event, and it is written. */
function lostButWrittenBy(policy: AuditPolicy): string[] {
  return writtenIn(log, policy)
    .filter(({ event }) => LOST_WITH_BODIES.includes(titleOf(event)))
    .filter(({ decision: { level, omitStages } }) => {
      return level === 'Metadata' && !omitStages.includes('ResponseComplete');
    })
    .map(({ event }) => titleOf(event))
    .sort();
}

/** What the simulation of a whole log says. */
function simulate(policy: AuditPolicy, lines: readonly string[], recordedWith: AuditPolicy): PolicyResult {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const simulator = new Simulator({ policies: [policy], recordedWith }, new SeenEvents());
  simulator.readLines(bytes, 0);
  const { policies, log: summary } = resultOf(simulator.tally, {
    policies: [policy],
    recordedWith,
    recordedWithTitle: 'recorder',
    titles: ['policy'],
    ruleLines: [],
    files: ['audit.log'],
    bytes: bytes.length,
    placeOf: ({ line }) => ({ file: 'audit.log', line: line + 1 }),
    servers: 1,
  });
  expect({
    ...summary.recorded,
    disagreeing: summary.recordedWith?.disagreeing,
    ...summary.problems,
  }).toEqual({
    events: lines.length,
    bytes: bytes.length,
    disagreeing: 0,
    count: 0,
    first: [],
  });
  return policies[0]!;
}

/** By rule, those that write nothing left out. */
function written({ rules }: PolicyResult): [number, Volume][] {
  return rules
    .filter(({ written }) => written.events > 0)
    .map(({ rule, written }): [number, Volume] => [rule, written])
    .sort(([a], [b]) => a - b);
}

function byRule(events: readonly WrittenEvent[]): [number, Volume][] {
  return [...Map.groupBy(events, ({ decision }) => decision.rule)]
    .map(([rule, of]): [number, Volume] => [
      rule,
      { events: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) },
    ])
    .sort(([a], [b]) => a - b);
}
