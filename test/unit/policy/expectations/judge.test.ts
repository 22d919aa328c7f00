import { commentAbove, judge, type JudgedPolicy } from '../../../../src/policy/expectations/judge.ts';
import type { Expectation } from '../../../../src/policy/expectations/test-file.ts';
import { toRequest, type RequestSpec } from '../../../../src/policy/request/request-spec.ts';

const JUDGED: JudgedPolicy = {
  policy: {
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Metadata', resources: [{ resources: ['secrets'] }] },
      { level: 'Request', users: ['alice'] },
    ],
  },
  commentOf: (rule) => ['Never what is  in it.', ''][rule] ?? '',
};
const SECRET: RequestSpec = { verb: 'get', resource: 'secrets', namespace: 'a', name: 'x' };
const POD: RequestSpec = { verb: 'get', resource: 'pods', namespace: 'a', name: 'x' };

const failures = (spec: RequestSpec, expected: Expectation): readonly string[] =>
  judge(JUDGED, toRequest(spec).request, expected).failures;

test.each<[RequestSpec, Expectation]>([
  [SECRET, { level: 'Metadata' }],
  [SECRET, { level: 'Metadata', rule: 1 }],
  [SECRET, { level: 'Metadata', rule: 'never WHAT is in' }],
  [SECRET, { level: 'Metadata', stages: ['ResponseComplete'] }],
  [SECRET, { level: 'Metadata', stages: ['Panic', 'ResponseComplete', 'Panic'] }],
  [
    { ...SECRET, verb: 'watch' },
    { level: 'Metadata', stages: ['ResponseComplete', 'ResponseStarted'] },
  ],
  [POD, { level: 'None', rule: 'none', stages: [] }],
  [
    { ...POD, user: 'alice' },
    { level: 'Request', rule: 2 },
  ],
])('%j is decided as expected: %j', (spec, expected) => {
  expect(failures(spec, expected)).toEqual([]);
});

test.each<[RequestSpec, Expectation, string[]]>([
  [SECRET, { level: 'Request' }, ['expected level Request, found Metadata']],
  [SECRET, { level: 'Metadata', rule: 2 }, ['expected rule 2, found rule 1']],
  [SECRET, { level: 'Metadata', rule: 'none' }, ['expected no rule to match, found rule 1']],
  [POD, { level: 'None', rule: 1 }, ['expected rule 1, found no rule']],
  [POD, { level: 'None', rule: 'secrets' }, ['expected the rule with the comment "secrets", found no rule']],
  [
    SECRET,
    { level: 'Metadata', rule: 'people' },
    ['expected the rule with the comment "people", found rule 1, "Never what is  in it."'],
  ],
  [
    SECRET,
    { level: 'Metadata', stages: ['RequestReceived', 'ResponseComplete'] },
    ['expected the stages RequestReceived, ResponseComplete, found ResponseComplete, Panic'],
  ],
  [
    SECRET,
    { level: 'None', rule: 'none', stages: [] },
    [
      'expected level None, found Metadata',
      'expected no rule to match, found rule 1',
      'expected the stages (none), found ResponseComplete, Panic',
    ],
  ],
])('%j is not: %j', (spec, expected, said) => {
  expect(failures(spec, expected)).toEqual(said);
});

test.each([
  ['# a\n- x', 2, 'a'],
  ['# no\n\n  # a\r\n  #b  \r\n  - x', 5, 'a b'],
  ['- x # no\n- y', 2, ''],
  ['- x', 1, ''],
  ['# a', 9, 'a'],
])('the comment above a line: %j, %d', (text, line, comment) => {
  expect(commentAbove(text, line)).toBe(comment);
});
