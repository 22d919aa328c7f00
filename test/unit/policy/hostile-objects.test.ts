import { readPolicySpec } from '../../../src/policy/content.ts';

/** What the API server may hand over where a CRD keeps unknown fields: JSON as a client sent it. */
const deep = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const rule = (json: string) => `{"policy":{"rules":[${json}]}}`;

const ROWS: [string, string, string, string][] = [
  ['deep lists', rule(deep(5_000, '[', ']')), 'WrongType', 'rules[0]'],
  ['deep objects', rule(`{"level":"None","x":${deep(5_000, '{"a":', '}')}}`), 'UnknownField', 'rules[0].x'],
  ['__proto__', rule('{"level":"None","__proto__":{"users":["a"]}}'), 'UnknownField', 'rules[0].__proto__'],
  ['__proto__ alone', rule('{"__proto__":{"level":"None"}}'), 'UnknownField', 'rules[0].__proto__'],
  [
    'constructor',
    '{"policy":{"constructor":{"rules":[]},"rules":[{"level":"None"}]}}',
    'UnknownField',
    'constructor',
  ],
  ['toString for a level', rule('{"level":"toString"}'), 'InvalidValue', 'rules[0].level'],
  [
    'hasOwnProperty as a field',
    rule('{"level":"None","hasOwnProperty":[]}'),
    'UnknownField',
    'rules[0].hasOwnProperty',
  ],
  [
    'a list that says it is long',
    rule('{"level":"None","users":{"length":1000000000}}'),
    'WrongType',
    'rules[0].users',
  ],
];

test.each(ROWS)('A13: an object with %s is refused where it stands, soon', (_, json, code, path) => {
  const spec: unknown = JSON.parse(json);
  const started = performance.now();
  const { accepted, problems } = readPolicySpec(spec);
  expect(performance.now() - started).toBeLessThan(500);
  expect(accepted).toBeUndefined();
  expect(
    problems.map((problem) => [problem.code, problem.path.replace(/^spec\.policy\./, '')]),
  ).toContainEqual([code, path]);
  expect({}).not.toHaveProperty('users');
  expect({}).not.toHaveProperty('level');
});
