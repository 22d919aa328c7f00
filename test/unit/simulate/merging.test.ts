import fc from 'fast-check';
import { SeenEvents } from '../../../src/simulate/duplicates.ts';
import { mergeTally } from '../../../src/simulate/merge.ts';
import { Simulator } from '../../../src/simulate/simulator.ts';
import { CATCH_ALL, event, policyOf, resultFor, textOf, urlEvent, type Json } from './events.ts';

const PLAN = {
  policies: [
    CATCH_ALL,
    policyOf(
      { level: 'None', users: ['jane'] },
      { level: 'RequestResponse', verbs: ['create', 'update'], omitManagedFields: true },
      { level: 'Request', omitStages: ['RequestReceived'], verbs: ['list', 'watch'] },
    ),
    { ...CATCH_ALL, omitStages: ['ResponseComplete'] },
  ],
  recordedWith: policyOf(
    { level: 'Metadata', verbs: ['get', 'watch'], omitStages: ['RequestReceived'] },
    { level: 'RequestResponse' },
  ),
};

const anyEvent = fc
  .record({
    level: fc.constantFrom('Metadata', 'Request', 'RequestResponse'),
    stage: fc.constantFrom('RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'),
    verb: fc.constantFrom('get', 'create', 'update', 'watch', 'list'),
    user: fc.constantFrom({ username: 'jane' }, { username: 'joe', groups: ['dev'] }, {}),
    requestURI: fc.constantFrom(
      '/api/v1/namespaces/day/configmaps/web',
      '/api/v1/namespaces/day/pods/web/exec',
      '/apis/apps/v1/deployments',
    ),
    requestObject: fc.constantFrom(undefined, { metadata: { managedFields: [1] } }, { a: 'x' }),
    responseObject: fc.constantFrom(undefined, { metadata: { name: 'a', managedFields: [1] } }),
    hour: fc.nat(100),
  })
  .map(({ hour, ...fields }) =>
    event({ ...fields, requestReceivedTimestamp: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() }),
  );
const line = fc.oneof(
  { weight: 10, arbitrary: anyEvent },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json | string>('{"broken":', '', '{"foreign":1}', urlEvent('/healthz')),
  },
);

test('blocks of a log that several simulators read in any order make the result that one makes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(line, { maxLength: 5 }), { maxLength: 6 }),
      fc.array(fc.nat(2), { minLength: 1 }),
      fc.boolean(),
      (blocks, whose, isBackwards) => {
        const alone = new Simulator(PLAN, new SeenEvents());
        // The same event may come in two places of one block; which block is read first is chance.
        for (const [number, lines] of blocks.entries())
          alone.readLines(Buffer.from(textOf([...lines, ...lines.slice(0, 1)])), number);
        const seen = new SeenEvents();
        const create = () => new Simulator(PLAN, new SeenEvents(seen.memory));
        const merged = create();
        const others = [create(), create()];
        for (const [number, lines] of blocks.entries()) {
          const simulator = [merged, ...others][whose[number % whose.length] ?? 0];
          expect(simulator?.readLines(Buffer.from(textOf([...lines, ...lines.slice(0, 1)])), number)).toBe(
            lines.length === 0 ? 0 : lines.length + 1,
          );
        }
        for (const { tally } of isBackwards ? others.toReversed() : others)
          mergeTally(merged.tally, structuredClone(tally));
        // To the byte: the order of what a result lists does not depend on chance.
        expect(JSON.stringify(resultFor(merged, PLAN), null, 1)).toBe(
          JSON.stringify(resultFor(alone, PLAN), null, 1),
        );
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);
