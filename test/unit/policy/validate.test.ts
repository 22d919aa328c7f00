import fc from 'fast-check';
import { NEWEST_TESTED, type KubernetesVersion } from '../../../src/policy/kubernetes-version.ts';
import type { AuditPolicy, PolicyRule } from '../../../src/policy/types.ts';
import { aggregate, loadRefusal, toProblems, validatePolicy } from '../../../src/policy/validate.ts';
import { plainPolicy, policyOf, vocabularyOf } from './arbitraries/policies.ts';
import { hostileString } from './arbitraries/strings.ts';

const V135: KubernetesVersion = { major: 1, minor: 35 };
const DNS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SUPPORTED = 'supported values: "None", "Metadata", "Request", "RequestResponse"';
const STAGES = 'allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic';
const SLASH = "non-resource URL rules must begin with a '/' character";
const STAR = "non-resource URL wildcards '*' must be the final character of the rule";
const MIXED = 'rules cannot apply to both regular resources and non-resource URLs';

const messagesOf = (rule: Partial<PolicyRule>, version = NEWEST_TESTED): string[] =>
  validatePolicy({ rules: [{ level: 'None', ...rule }] }, version).map(({ message }) => message);

describe('upstream’s messages', () => {
  test.each<[string, Partial<PolicyRule>, string[]]>([
    ['a missing level', { level: '' }, ['level: Required value']],
    ['a level', { level: 'metadata' }, [`level: Unsupported value: "metadata": ${SUPPORTED}`]],
    [
      'a level prints as JSON',
      { level: '<\x7f>' },
      [`level: Unsupported value: "\\u003c\x7f\\u003e": ${SUPPORTED}`],
    ],
    [
      'a stage prints as %q',
      { omitStages: ['Panic', '<\x7f>'] },
      [`omitStages[1]: Invalid value: "<\\x7f>": ${STAGES}`],
    ],
    ['an empty stage', { omitStages: [''] }, [`omitStages[0]: Invalid value: "": ${STAGES}`]],
    ['good URLs', { nonResourceURLs: ['*', '/', '/a*', '/*'] }, []],
    ['an empty URL', { nonResourceURLs: [''] }, [`nonResourceURLs[0]: Invalid value: "": ${SLASH}`]],
    [
      'two stars',
      { nonResourceURLs: ['**'] },
      [SLASH, STAR].map((text) => `nonResourceURLs[0]: Invalid value: "**": ${text}`),
    ],
    [
      'a star inside',
      { nonResourceURLs: ['/', '/a*b'] },
      [`nonResourceURLs[1]: Invalid value: "/a*b": ${STAR}`],
    ],
    [
      'a star before a long character',
      { nonResourceURLs: ['/*😀'] },
      [`nonResourceURLs[0]: Invalid value: "/*😀": ${STAR}`],
    ],
    ['good groups', { resources: [{ group: '' }, { group: '*' }, { group: 'a.b-c.d0' }, {}] }, []],
    [
      'a group with a version',
      { resources: [{}, { group: 'apps/v1' }] },
      [`resources.group: Invalid value: "apps/v1": ${DNS}`],
    ],
    [
      'an empty label',
      { resources: [{ group: 'a..b' }] },
      [`resources.group: Invalid value: "a..b": ${DNS}`],
    ],
    [
      'a label that starts with a dash',
      { resources: [{ group: 'a.-b' }] },
      [`resources.group: Invalid value: "a.-b": ${DNS}`],
    ],
    [
      'a label that ends with a dash',
      { resources: [{ group: 'a-.b' }] },
      [`resources.group: Invalid value: "a-.b": ${DNS}`],
    ],
    [
      'a final newline',
      { resources: [{ group: 'a\n' }] },
      [`resources.group: Invalid value: "a\\n": ${DNS}`],
    ],
    ['253 bytes', { resources: [{ group: 'a'.repeat(253) }] }, []],
    [
      '254 bytes',
      { resources: [{ group: 'a'.repeat(254) }] },
      [`resources.group: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
    ],
    [
      'length counts bytes',
      { resources: [{ group: 'é'.repeat(127) }] },
      [`resources.group: Invalid value: "${'é'.repeat(127)}": must be no more than 253 characters,${DNS}`],
    ],
    [
      'names without resources print as JSON',
      { resources: [{ resourceNames: ['<', 'b'], resources: [] }] },
      [
        'resources.resourceNames: Invalid value: ["\\u003c","b"]: using resourceNames requires at least one resource',
      ],
    ],
    ['names with resources', { resources: [{ resourceNames: ['b'], resources: ['pods'] }] }, []],
    [
      'URLs and resources',
      { nonResourceURLs: ['/'], resources: [{}] },
      [`nonResourceURLs: Invalid value: ["/"]: ${MIXED}`],
    ],
    [
      'URLs and namespaces',
      { nonResourceURLs: ['/'], namespaces: ['a'], resources: [] },
      [`nonResourceURLs: Invalid value: ["/"]: ${MIXED}`],
    ],
    ['URLs and empty lists', { nonResourceURLs: ['/'], namespaces: [], resources: [] }, []],
    [
      'what upstream does not check',
      { verbs: ['GET'], users: [''], namespaces: ['A b'], omitStages: ['Panic', 'Panic'] },
      [],
    ],
  ])('%s', (_, rule, expected) => {
    expect(messagesOf(rule)).toEqual(expected.map((message) => `rules[0].${message}`));
  });

  test('order: the policy’s stages, then rule by rule level, URLs, resources, stages, mixing', () => {
    const rule = { level: 'x', nonResourceURLs: ['y'], resources: [{ group: 'Z' }], omitStages: ['s'] };
    const errors = validatePolicy({ rules: [rule, { level: '' }], omitStages: ['t'] }, NEWEST_TESTED);
    expect(errors.map(({ field }) => field)).toEqual([
      'omitStages[0]',
      'rules[0].level',
      'rules[0].nonResourceURLs[0]',
      'rules[0].resources.group',
      'rules[0].omitStages[0]',
      'rules[0].nonResourceURLs',
      'rules[1].level',
    ]);
  });

  test('an error in its parts, with the exact place that upstream leaves out', () => {
    const policy = { rules: [{ level: 'None', resources: [{}, { group: 'A' }] }] };
    expect(validatePolicy(policy, NEWEST_TESTED)).toEqual([
      {
        field: 'rules[0].resources.group',
        type: 'FieldValueInvalid',
        value: 'A',
        detail: DNS,
        message: `rules[0].resources.group: Invalid value: "A": ${DNS}`,
        path: ['rules', 0, 'resources', 1, 'group'],
      },
    ]);
  });

  test('the wildcard group is malformed before 1.36', () => {
    const rule = { resources: [{ group: '*' }] };
    expect(messagesOf(rule, V135)).toEqual([`rules[0].resources.group: Invalid value: "*": ${DNS}`]);
    expect(messagesOf(rule, { major: 1, minor: 37 })).toEqual([]);
  });
});

describe('the aggregate', () => {
  test('says equal messages once', () => {
    const errors = validatePolicy(
      { rules: [{ level: '', resources: [{ group: 'A' }, { group: 'A' }] }] },
      NEWEST_TESTED,
    );
    expect(errors).toHaveLength(3);
    expect(aggregate(errors)).toBe(
      `[rules[0].level: Required value, rules[0].resources.group: Invalid value: "A": ${DNS}]`,
    );
    expect(aggregate(errors.slice(0, 1))).toBe('rules[0].level: Required value');
    expect(aggregate([])).toBe('');
  });
});

describe('what kube-apiserver says when it starts', () => {
  test.each<[string, AuditPolicy, string | undefined]>([
    ['a good policy', { rules: [{ level: 'None' }] }, undefined],
    ['no rules', {}, 'loaded illegal policy with 0 rules'],
    ['an empty list of rules', { rules: [] }, 'loaded illegal policy with 0 rules'],
    ['no rules and a bad stage', { omitStages: ['x'] }, `omitStages[0]: Invalid value: "x": ${STAGES}`],
    [
      'what rendering changed',
      { rules: [{ level: 'a\u0085b' }] },
      `rules[0].level: Unsupported value: "a b": ${SUPPORTED}`,
    ],
  ])('%s', (_, policy, expected) => {
    expect(loadRefusal(policy, NEWEST_TESTED)).toBe(expected);
  });

  test('there is no file', () => {
    expect(loadRefusal({ rules: [{ level: 'None', users: ['\x7f'] }] }, NEWEST_TESTED)).toContain('U+007F');
  });

  test('the version counts', () => {
    const policy = { rules: [{ level: 'None', resources: [{ group: '*' }] }] };
    expect(loadRefusal(policy, NEWEST_TESTED)).toBeUndefined();
    expect(loadRefusal(policy, V135)).toContain('rules[0].resources.group');
  });
});

describe('problems for whoever wrote it', () => {
  const problemsOf = (policy: AuditPolicy, version = NEWEST_TESTED) =>
    toProblems(validatePolicy(policy, version), policy);

  test('a level that was misspelt', () => {
    expect(problemsOf({ rules: [{ level: 'Metdt' }] })).toEqual([
      {
        code: 'InvalidValue',
        severity: 'error',
        path: 'rules[0].level',
        message: `rules[0].level: Unsupported value: "Metdt": ${SUPPORTED}`,
        suggestion: 'Metadata',
      },
    ]);
  });

  test('a stage that was misspelt, one that was not', () => {
    const policy = {
      rules: [{ level: 'None', omitStages: ['requestReceived', 'xyz'] }],
      omitStages: ['panic'],
    };
    expect(problemsOf(policy).map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['omitStages[0]', 'Panic'],
      ['rules[0].omitStages[0]', 'RequestReceived'],
      ['rules[0].omitStages[1]', undefined],
    ]);
  });

  test('a missing level', () => {
    const [problem] = problemsOf({ rules: [{ level: '' }] });
    expect(problem?.message).toBe(
      'rules[0].level: Required value: every rule needs one of None, Metadata, Request, RequestResponse',
    );
    expect(problem).not.toHaveProperty('suggestion');
  });

  test('the wildcard group, with the entry that has it', () => {
    const [problem] = problemsOf({ rules: [{ level: 'None', resources: [{}, { group: '*' }] }] }, V135);
    expect(problem?.path).toBe('rules[0].resources[1].group');
    expect(problem?.message).toMatch(/^rules\[0\]\.resources\.group: Invalid value: "\*": .*from 1\.36 on/);
  });

  test('no rules', () => {
    const [problem, ...others] = problemsOf({ rules: [] });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'NoRules', severity: 'error', path: 'rules' });
    expect(problem?.message).toMatch(/^loaded illegal policy with 0 rules: /);
  });

  test('positions are asked for by exact path', () => {
    const policy = { rules: [{ level: 'None', resources: [{}, { group: 'A' }] }] };
    const asked: unknown[] = [];
    const problems = toProblems(validatePolicy(policy, NEWEST_TESTED), policy, (path, part) => {
      asked.push([path, part]);
      return { line: 7, column: 3 };
    });
    expect(asked).toEqual([[['rules', 0, 'resources', 1, 'group'], 'value']]);
    expect(problems[0]?.position).toEqual({ line: 7, column: 3 });
    expect(toProblems([], {}, () => ({ line: 2, column: 1 }))[0]?.position).toEqual({ line: 2, column: 1 });
  });
});

describe('properties', () => {
  test('validation is total, and the loader refuses what the validator does', () => {
    fc.assert(
      fc.property(
        policyOf(vocabularyOf(hostileString)),
        fc.constantFrom(V135, NEWEST_TESTED),
        (policy, version) => {
          const errors = validatePolicy(policy, version);
          const isRefused = errors.length > 0 || (policy.rules ?? []).length === 0;
          expect(isRefused && loadRefusal(policy, version) === undefined).toBe(false);
          for (const { field, message } of errors) expect(message.startsWith(`${field}: `)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a newer version accepts what an older one does', () => {
    fc.assert(
      fc.property(plainPolicy, (policy) => {
        fc.pre(loadRefusal(policy, V135) === undefined);
        expect(loadRefusal(policy, NEWEST_TESTED)).toBeUndefined();
      }),
    );
  });
});
