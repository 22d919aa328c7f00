import fc from 'fast-check';
import { decodeTestFile } from '../../../../src/policy/expectations/test-file.ts';
import { problemText } from '../../../../src/policy/problem.ts';

const FILE = `apiVersion: cli.auditpolicy.dev/v1alpha1
kind: PolicyTest
metadata: {name: secrets}
policy: ../policy.yaml
kubernetesVersion: "1.34"
tests:
  - name: reads
    kubectl: kubectl get secret db -n prod
    request: {user: alice, groups: [dev]}
    expect: {level: Metadata, rule: 3, stages: [ResponseComplete]}
  - name: 401
    request: {noUser: true, verb: list, resource: pods}
    expect:
      level: None
      rule: none
`.replace('name: 401', 'name: "401"');

test('a file of expectations', () => {
  expect(decodeTestFile(FILE)).toEqual({
    problems: [],
    test: {
      name: 'secrets',
      policy: '../policy.yaml',
      kubernetesVersion: { major: 1, minor: 34 },
      tests: [
        {
          name: 'reads',
          line: 7,
          kubectl: 'kubectl get secret db -n prod',
          request: { user: 'alice', groups: ['dev'] },
          expect: { level: 'Metadata', rule: 3, stages: ['ResponseComplete'] },
        },
        {
          name: '401',
          line: 11,
          request: { noUser: true, verb: 'list', resource: 'pods' },
          expect: { level: 'None', rule: 'none' },
        },
      ],
    },
  });
});

test.each<[string, [string, string] | string, string[]]>([
  ['empty', [FILE, ''], ['1:1 expected a PolicyTest, and the file is empty']],
  ['a list', [FILE, '- a\n'], ['1:1 expected a PolicyTest as an object, found a list']],
  [
    'syntax',
    ['kind: PolicyTest', 'kind: [PolicyTest'],
    [
      '4:1 not readable as YAML or JSON: something follows after the end of the value: is it indented as the lines before it?',
    ],
  ],
  [
    'another kind',
    ['PolicyTest', 'Policy'],
    ['2:7 kind: expected "PolicyTest", found "Policy": write kind: PolicyTest'],
  ],
  [
    'no apiVersion',
    [`apiVersion: cli.auditpolicy.dev/v1alpha1\n`, ''],
    ['1:1 apiVersion is missing: write apiVersion: cli.auditpolicy.dev/v1alpha1'],
  ],
  ['no policy', ['policy: ../policy.yaml\n', ''], ['1:1 policy is missing']],
  ['an empty policy', ['../policy.yaml', '""'], ['4:9 policy is missing']],
  ['a misspelt key', ['policy: ', 'polcy: '], ['4:1 polcy: unknown field, did you mean "policy"?']],
  [
    'a version',
    ['"1.34"', 'newest'],
    ['5:20 kubernetesVersion: "newest" is no version: write it like 1.34 or v1.34.2'],
  ],
  [
    'a number for a version',
    ['"1.34"', '1.34'],
    ['5:20 kubernetesVersion: expected a string, found the number 1.34: write "1.34", in quotes'],
  ],
  [
    'no tests',
    [FILE.slice(FILE.indexOf('tests:')), 'tests: []\n'],
    ['6:8 tests: a PolicyTest without tests says nothing: add at least one'],
  ],
  [
    'tests that are no list',
    [FILE.slice(FILE.indexOf('tests:')), 'tests: {name: a}\n'],
    ['6:8 tests: expected a list, each entry a test, found an object: begin each entry with "- "'],
  ],
  ['no name', ['name: reads\n    kubectl', 'kubectl'], ['7:5 tests[0].name is missing']],
  [
    'neither request nor kubectl',
    ['    request: {noUser: true, verb: list, resource: pods}\n', ''],
    ['11:5 tests[1]: a test needs a request or a kubectl command line'],
  ],
  [
    'a misspelt kubectl',
    ['kubectl: kubectl', 'kubctl: kubectl'],
    ['8:5 tests[0].kubctl: unknown field, did you mean "kubectl"?'],
  ],
  [
    'a kubectl line and a verb',
    ['user: alice', 'verb: get'],
    ['9:21 tests[0].request.verb: beside kubectl, a request says who runs it and nothing else: remove verb'],
  ],
  [
    'an unknown field of a request',
    ['resource: pods', 'resources: pods'],
    ['12:41 tests[1].request.resources: unknown field, did you mean "resource"?'],
  ],
  [
    'no expectation',
    ['    expect:\n      level: None\n      rule: none\n', ''],
    ['11:5 tests[1].expect is missing'],
  ],
  ['no level', ['level: Metadata, ', ''], ['10:13 tests[0].expect.level is missing']],
  [
    'a misspelt level',
    ['Metadata', 'Metdata'],
    [
      '10:21 tests[0].expect.level: "Metdata" is none of None, Metadata, Request, RequestResponse (did you mean "Metadata"?)',
    ],
  ],
  [
    'a misspelt stage',
    ['[ResponseComplete]', '[Complete]'],
    [
      '10:49 tests[0].expect.stages[0]: "Complete" is none of RequestReceived, ResponseStarted, ResponseComplete, Panic',
    ],
  ],
  ...['0', '1.5', 'true', '[1]', '""', '-1'].map((rule): [string, [string, string], string[]] => [
    `rule ${rule}`,
    ['rule: 3', `rule: ${rule}`],
    [
      expect.stringContaining(
        '10:37 tests[0].expect.rule: expected the number of a rule, from 1, or "none"',
      ) as string,
    ],
  ]),
  [
    'a second document',
    [FILE, `${FILE}---\nkind: PolicyTest\n`],
    ['17:1 a second document begins here: put each PolicyTest into a file of its own'],
  ],
])('%s', (_, [from, to], expected) => {
  const { test: found, problems } = decodeTestFile(FILE.replace(from!, to!));
  expect(problems.map((one) => `${one.position?.line}:${one.position?.column} ${problemText(one)}`)).toEqual(
    expected,
  );
  expect(found).toBeUndefined();
});

test('whatever a file holds: a test or a problem, and no exception', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    'null',
    '~',
    '- ',
    ': ',
    '__proto__',
    '\n',
    '"',
    '1',
    '&a ',
    '*a',
    'x',
  );
  fc.assert(
    fc.property(fc.nat(FILE.length), fc.nat(20), pieces, (at, cut, put) => {
      const { test: found, problems } = decodeTestFile(FILE.slice(0, at) + put + FILE.slice(at + cut));
      expect(found === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
    }),
    { numRuns: 500 },
  );
});
