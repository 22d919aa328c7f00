import { serialize } from 'node:v8';
import type { PolicyRule } from '../../../src/policy/types.ts';
import { clip, ownText } from '../../../src/simulate/own-text.ts';
import { CATCH_ALL, event, policyOf, resultFor, simulated, urlEvent, type Json } from './events.ts';

const MB = 1e6;
const LONG = 'x'.repeat(300_000);
const DISTINCT = 100_000;

const PLAN = {
  policies: [CATCH_ALL, policyOf({ level: 'None', verbs: ['get'] }, { level: 'RequestResponse' })],
};

/** Each with a user, a verb, a resource, a URL, a stage of its own. */
function hostile(index: number): Json {
  const user = { username: `user-${index}`, groups: [`group-${index}`] };
  const time = new Date(Date.UTC(1970 + (index % 9000), index % 12, 1 + (index % 28))).toISOString();
  const fields = { user, verb: index % 2 === 0 ? 'get' : `verb-${index}`, requestReceivedTimestamp: time };
  if (index % 3 === 0) return urlEvent(`/url-${index}/a`, fields);
  return event({
    ...fields,
    stage: index % 3 === 1 ? 'ResponseComplete' : `stage-${index}`,
    requestURI: `/apis/group-${index}/v1/resource-${index}`,
  });
}

test('a log with a hundred thousand users, verbs, resources, URLs and stages: what is kept of it is bounded, and the totals are exact', () => {
  const { tally } = simulated(
    Array.from({ length: DISTINCT }, (_, index) => hostile(index)),
    PLAN,
  );
  expect(tally.log.recorded.events).toBe(DISTINCT);
  expect(serialize(tally).length).toBeLessThan(20 * MB);
  const result = resultFor({ tally }, PLAN);
  expect(JSON.stringify(result).length).toBeLessThan(3 * MB);
  expect(result.policies[0]?.rules[0]?.written.events).toBe(DISTINCT);
  expect([...(tally.policies[0]?.cells.byKey.values() ?? [])].reduce((sum, { seen }) => sum + seen, 0)).toBe(
    DISTINCT,
  );
  expect(result.policies[0]?.timeline.bytes.length).toBeLessThanOrEqual(240);
}, 60_000);

test('names of hundreds of kilobytes are cut wherever they are kept', () => {
  const lines = Array.from({ length: 6 }, (_, index) => {
    const name = `${index}${LONG}`;
    const user = { username: name, groups: [name, ...Array.from({ length: 30 }, () => 'group')] };
    return [
      event({ user, verb: name }),
      urlEvent(`/${name}`, { user }),
      event({
        user,
        verb: `verb-${index}`,
        requestURI: `/apis/${name}/${name}/namespaces/${name}/${name}/${name}/${name}`,
      }),
      event({ user, stage: name, requestReceivedTimestamp: name }),
    ];
  }).flat();
  const { tally } = simulated(lines, PLAN);
  expect(tally.log).toMatchObject({ recorded: { events: 24 }, problems: { count: 0 } });
  expect(tally.comparisons[0]?.changes.size).toBeGreaterThan(6);
  expect(serialize(tally).length).toBeLessThan(2 * MB);
  expect(JSON.stringify(resultFor({ tally }, PLAN)).length).toBeLessThan(2 * MB);
});

test('a policy of ten thousand rules', () => {
  const rules = Array.from(
    { length: 10_000 },
    (_, index) => ({ level: 'Request' as const, users: [`user-${index}`] }) satisfies PolicyRule,
  );
  const plan = { policies: [policyOf(...rules)] };
  const { tally } = simulated(
    Array.from({ length: 3000 }, (_, index) => hostile(index)),
    plan,
  );
  expect(serialize(tally).length).toBeLessThan(20 * MB);
  const result = resultFor({ tally }, plan);
  expect(JSON.stringify(result).length).toBeLessThan(10 * MB);
  expect(result.policies[0]?.rules.filter(({ isDead }) => !isDead)).toHaveLength(3000);
}, 60_000);

test('a text that is cut ends with an ellipsis, and one that is kept has the same characters, halves of pairs too', () => {
  expect(clip('x'.repeat(200))).toBe('x'.repeat(200));
  expect(clip('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
  for (const text of ['', 'é💥', '\ud800', 'a\udc00\0']) expect(ownText(text)).toBe(text);
});
