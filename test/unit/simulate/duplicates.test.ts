import { SeenEvents } from '../../../src/simulate/duplicates.ts';
import { CATCH_ALL, event, simulated, textOf, without } from './events.ts';
import { Simulator } from '../../../src/simulate/simulator.ts';

const PLAN = { policies: [CATCH_ALL] };

test('an event that comes twice counts once: on a line, in a list, however it is laid out', () => {
  const one = event();
  const { log } = simulated([
    one,
    one,
    JSON.stringify({ items: [one] }),
    JSON.stringify(one).replaceAll(':{', ': {'),
  ]).tally;
  expect(log).toMatchObject({ recorded: { events: 1 }, duplicates: 3 });
});

test('an event without an ID counts each time', () => {
  const one = without(event(), 'auditID');
  expect(simulated([one, one, one]).tally.log).toMatchObject({ recorded: { events: 3 }, duplicates: 0 });
});

test('a client that sends one Audit-ID with all that it asks for hides nothing', () => {
  const auditID = 'mine';
  const events = [
    event({ auditID }),
    event({ auditID, stage: 'RequestReceived' }),
    // In the same microsecond, of another API server say.
    event({ auditID, verb: 'delete' }),
    event({ auditID, requestURI: '/api/v1/secrets' }),
    ...[1, 2, 3].map((micros) =>
      event({ auditID, requestReceivedTimestamp: `2026-01-01T00:00:00.00000${micros}Z` }),
    ),
  ];
  expect(simulated(events).tally.log).toMatchObject({ recorded: { events: events.length }, duplicates: 0 });
});

test('simulators that share what was seen count an event once among them', () => {
  const seen = new SeenEvents();
  const one = event();
  const simulators = [new Simulator(PLAN, seen), new Simulator(PLAN, new SeenEvents(seen.memory))];
  for (const simulator of simulators) simulator.readLines(Buffer.from(textOf([one, event()])), 0);
  expect(simulators.map(({ tally }) => [tally.log.recorded.events, tally.log.duplicates])).toEqual([
    [2, 0],
    [1, 1],
  ]);
});

test.each([0, 1, -1, 2 ** 31 - 1, -(2 ** 31)])(
  'a hash of %d is known when it was added, not before',
  (number) => {
    const seen = new SeenEvents();
    for (const identity of [
      { high: number, low: 7 },
      { high: 7, low: number },
    ]) {
      expect(seen.add(identity)).toBe(true);
      expect(seen.add(identity)).toBe(false);
    }
  },
);

test('of more events than it holds, the last two million are known and the first are forgotten', () => {
  const seen = new SeenEvents();
  const at = (index: number) => ({ high: Math.imul(index, 0x9e3779b1), low: index + 1 });
  const events = 4_500_000;
  let added = 0;
  for (let index = 0; index < events; index++) if (seen.add(at(index))) added++;
  expect(added).toBe(events);
  for (const index of [events - 1, events - 1_000_000, events - 2_000_000])
    expect(seen.add(at(index))).toBe(false);
  expect(seen.add(at(0))).toBe(true);
});
