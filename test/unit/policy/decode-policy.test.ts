import fc from 'fast-check';
import { decodePolicyObject, type DecodedPolicy } from '../../../src/policy/decode.ts';

const embedded = (value: unknown): DecodedPolicy =>
  decodePolicyObject(value, { basePath: '', embedded: true });
const whole = (value: unknown): DecodedPolicy => decodePolicyObject(value, { basePath: '', embedded: false });
const rule = (fields: object) => embedded({ rules: [{ level: 'None', ...fields }] });
const entry = (fields: object) => rule({ resources: [fields] });
const line = ({ path, message }: DecodedPolicy['problems'][number]) => `${path}: ${message}`;

test('what is right is decoded, what is empty left out', () => {
  const { policy, problems } = embedded({
    omitStages: ['RequestReceived'],
    omitManagedFields: false,
    rules: [
      { level: 'None', users: ['a'], verbs: [], userGroups: null, omitManagedFields: false },
      { level: null, resources: [{ group: '' }, { group: 'apps', resources: ['*'], resourceNames: ['a'] }] },
      { level: 'Odd', nonResourceURLs: ['/a'], namespaces: ['', 'b'], omitStages: ['Panic'] },
    ],
  });
  expect(problems).toEqual([]);
  expect(policy).toEqual({
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', users: ['a'], omitManagedFields: false },
      { level: '', resources: [{}, { group: 'apps', resources: ['*'], resourceNames: ['a'] }] },
      { level: 'Odd', nonResourceURLs: ['/a'], namespaces: ['', 'b'], omitStages: ['Panic'] },
    ],
  });
});

test.each([[{}], [{ rules: null }]])('%j has no rules, which is for the validator to say', (value) =>
  expect(embedded(value)).toEqual({ policy: {}, problems: [] }),
);

test('empty rules stay empty rules', () =>
  expect(embedded({ rules: [] })).toEqual({ policy: { rules: [] }, problems: [] }));

describe('unknown fields', () => {
  test.each([
    ['user', 'users'],
    ['User', 'users'],
    ['USERS', 'users'],
    ['usernames', 'users'],
    ['userGroup', 'userGroups'],
    ['groups', 'userGroups'],
    ['user_groups', 'userGroups'],
    ['user-groups', 'userGroups'],
    ['verb', 'verbs'],
    ['Verbs', 'verbs'],
    ['verbs ', 'verbs'],
    ['vebrs', 'verbs'],
    ['resource', 'resources'],
    ['Resources', 'resources'],
    ['namespace', 'namespaces'],
    ['nonResourceUrls', 'nonResourceURLs'],
    ['nonResourceURL', 'nonResourceURLs'],
    ['urls', 'nonResourceURLs'],
    ['stages', 'omitStages'],
    ['omitStage', 'omitStages'],
    ['omitManagedField', 'omitManagedFields'],
    ['lvl', 'level'],
    ['levels', 'level'],
  ])('in a rule %s was meant as %s', (key, suggestion) => {
    expect(embedded({ rules: [{ [key]: null }] }).problems).toEqual([
      {
        code: 'UnknownField',
        severity: 'error',
        path: `rules[0].${key}`,
        message: `unknown field "${key}": did you mean "${suggestion}"?`,
        suggestion,
      },
    ]);
  });

  test.each([
    ['apiGroup', 'group'],
    ['apiGroups', 'group'],
    ['groups', 'group'],
    ['Group', 'group'],
    ['resource', 'resources'],
    ['resourcenames', 'resourceNames'],
    ['resourceName', 'resourceNames'],
    ['names', 'resourceNames'],
  ])('in an entry of resources %s was meant as %s', (key, suggestion) =>
    expect(entry({ [key]: null }).problems).toMatchObject([
      { code: 'UnknownField', path: `rules[0].resources[0].${key}`, suggestion },
    ]),
  );

  test.each([
    ['Rules', 'rules'],
    ['rule', 'rules'],
    ['omitstages', 'omitStages'],
    ['stages', 'omitStages'],
    ['omitManagedfields', 'omitManagedFields'],
  ])('in the policy %s was meant as %s', (key, suggestion) =>
    expect(embedded({ [key]: null }).problems).toMatchObject([{ path: key, suggestion }]),
  );

  test.each([
    ['verbs', 'belongs one level up, in the rule'],
    ['Namespaces', '"namespaces" belongs one level up'],
    ['users', 'belongs one level up'],
    ['level', 'belongs one level up'],
    ['omitStages', 'belongs one level up'],
  ])('%s in an entry of resources', (key, advice) => {
    const { problems } = entry({ [key]: ['a'] });
    expect(problems).toMatchObject([{ message: expect.stringContaining(advice) as string }]);
    expect(problems[0]).not.toHaveProperty('suggestion');
  });

  test.each([
    [
      'group',
      '"group" belongs one level down, in an entry of "resources"; groups of users go into "userGroups"',
    ],
    ['apiGroups', 'write "group" one level down, in an entry of "resources"'],
    ['resourceNames', '"resourceNames" belongs one level down, in an entry of "resources"'],
    ['kind', '"kind" belongs at the top of the policy'],
    ['serviceAccounts', 'write "users", with entries like "system:serviceaccount:NAMESPACE:NAME"'],
  ])('%s in a rule', (key, advice) =>
    expect(rule({ [key]: null }).problems.map(line)).toEqual([
      `rules[0].${key}: unknown field "${key}": ${advice}`,
    ]),
  );

  test.each([
    ['level', '"level" belongs in a rule: an entry of "rules"'],
    ['Resources', '"resources" belongs in a rule'],
    ['user', 'belongs in a rule'],
    ['verb', 'belongs in a rule'],
    ['group', '"group" belongs in an entry of a rule\'s "resources"'],
  ])('%s at the top', (key, advice) =>
    expect(embedded({ [key]: null }).problems).toMatchObject([
      { message: expect.stringContaining(key === 'user' || key === 'verb' ? '' : advice) as string },
    ]),
  );

  test.each(['a', 'x-y', 'comment', 'description', 'annotations', 'k'.repeat(500)])(
    '%s was nothing near',
    (key) => {
      const [problem] = rule({ [key]: 1 }).problems;
      expect(problem).not.toHaveProperty('suggestion');
      expect(problem?.message).toContain('a rule has level, users, userGroups, verbs, resources');
      expect(problem?.message.length).toBeLessThan(300);
    },
  );

  test('what stands in a misspelt field is looked at too', () => {
    const { problems } = embedded({ Rules: [{ level: 'None', Resources: [{ Group: 1 }], user: 'a' }] });
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      ['Rules', 'UnknownField'],
      ['Rules[0].Resources', 'UnknownField'],
      ['Rules[0].Resources[0].Group', 'UnknownField'],
      ['Rules[0].user', 'UnknownField'],
      ['Rules[0].user', 'WrongType'],
    ]);
  });
});

describe('wrong types say what was found and what would be right', () => {
  test.each<[unknown, string]>([
    [
      { rules: [{ users: 'admin' }] },
      'rules[0].users: expected a list of strings, found the string "admin": write ["admin"]',
    ],
    [
      { rules: [{ users: 'a, b' }] },
      'rules[0].users: expected a list of strings, found the string "a, b": write ["a", "b"]',
    ],
    [
      { rules: [{ users: '' }] },
      'rules[0].users: expected a list of strings, found an empty string: remove the field',
    ],
    [
      { rules: [{ users: 1000 }] },
      'rules[0].users: expected a list of strings, found the number 1000: write ["1000"]',
    ],
    [
      { rules: [{ users: { a: 1 } }] },
      'rules[0].users: expected a list of strings, found an object: write one entry per line, each after "- "',
    ],
    [
      { rules: [{ users: [1000] }] },
      'rules[0].users[0]: expected a string, found the number 1000: write "1000", in quotes',
    ],
    [
      { rules: [{ users: [true] }] },
      'rules[0].users[0]: expected a string, found the boolean true: YAML reads an unquoted yes, no, on, off, y, n, true or false as a boolean; put the word in quotes',
    ],
    [
      { rules: [{ users: [null] }] },
      'rules[0].users[0]: expected a string, found null: remove the entry, or write "" if the empty string is meant',
    ],
    [
      { rules: [{ users: [['a']] }] },
      'rules[0].users[0]: expected a string, found a list: write "a", without the list',
    ],
    [
      { rules: [{ level: ['Metadata'] }] },
      'rules[0].level: expected a string, found a list: write "Metadata", without the list',
    ],
    [
      { rules: [{ level: false }] },
      'rules[0].level: expected a string, found the boolean false: YAML reads an unquoted no or off as false; the level that logs nothing is "None"',
    ],
    [
      { rules: [{ omitManagedFields: 'True' }] },
      'rules[0].omitManagedFields: expected true or false, found the string "True": write true, without quotes',
    ],
    [{ omitManagedFields: 0 }, 'omitManagedFields: expected true or false, found the number 0: write false'],
    [
      { omitManagedFields: 'perhaps' },
      'omitManagedFields: expected true or false, found the string "perhaps"',
    ],
    [
      { rules: { level: 'None' } },
      'rules: expected a list, each entry a rule, found an object: begin each entry with "- "',
    ],
    [
      { rules: 'Metadata' },
      'rules: expected a list, each entry a rule, found the string "Metadata": write one entry per "- ", each an object',
    ],
    [
      { rules: ['Metadata'] },
      'rules[0]: expected a rule as an object, found the string "Metadata": write level: Metadata',
    ],
    [
      { rules: ['metdata'] },
      'rules[0]: expected a rule as an object, found the string "metdata": write level: Metadata',
    ],
    [{ rules: [null] }, 'rules[0]: expected a rule as an object, found null: remove the entry'],
    [{ rules: [[]] }, 'rules[0]: expected a rule as an object, found an empty list'],
    [
      { rules: [{ resources: ['pods'] }] },
      'rules[0].resources[0]: expected an entry of resources as an object, found the string "pods"',
    ],
    [
      { rules: [{ resources: [{ group: ['', 'apps'] }] }] },
      'rules[0].resources[0].group: expected a string, found a list',
    ],
    [[], ': expected a policy as an object with "rules", found an empty list'],
    [null, ': expected a policy as an object with "rules", found null'],
    [undefined, ': expected a policy as an object with "rules", found nothing'],
  ])('%j', (value, expected) => {
    const { policy, problems } = embedded(value);
    expect(problems.map(line)).toEqual([expected]);
    expect(problems).toMatchObject([{ code: 'WrongType', severity: 'error' }]);
    expect(policy).toBeUndefined();
  });
});

describe('placeholders that were never filled in', () => {
  test.each<[unknown, string]>([
    [{ rules: [{ resources: '${known_apis}' }] }, 'rules[0].resources'],
    [{ rules: '${rules}' }, 'rules'],
    [{ rules: [{ level: '{{ .Values.level }}' }] }, 'rules[0].level'],
    [{ rules: [{ users: ['system:${NAME}:x'] }] }, 'rules[0].users[0]'],
    [{ omitManagedFields: '${x}' }, 'omitManagedFields'],
    [{ '${rules}': null }, '${rules}'],
    ['${policy}', ''],
  ])('%j', (value, path) => {
    expect(embedded(value).problems).toEqual([
      {
        code: 'UnsubstitutedPlaceholder',
        severity: 'error',
        path,
        message: expect.stringMatching(
          /^"(\$\{|\{\{).*is a placeholder that was never filled in: this text is a template/,
        ) as string,
      },
    ]);
  });

  test.each(['$x', '{x}', '$ {x}', '{ {x} }', 'a}}{{'])('%s is none', (user) =>
    expect(rule({ users: [user] }).problems).toEqual([]),
  );
});

describe('apiVersion, kind and metadata', () => {
  const meta = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', metadata: { anything: [1] } };

  test('inside a ClusterAuditPolicy they are ignored, with a warning to remove them', () => {
    const { policy, problems } = embedded({ ...meta, rules: [{ level: 'None' }] });
    expect(policy).toEqual({ rules: [{ level: 'None' }] });
    expect(problems.map(({ code, severity, path, message }) => [code, severity, path, message])).toEqual(
      ['apiVersion', 'kind', 'metadata'].map((field) => [
        'IgnoredField',
        'warning',
        field,
        `${field} is ignored inside spec.policy: remove it`,
      ]),
    );
  });

  test.each<[object, string]>([
    [{ apiVersion: 'audit.k8s.io/v1beta1' }, 'WrongApiVersion'],
    [{ apiVersion: '' }, 'WrongApiVersion'],
    [{ apiVersion: null }, 'WrongApiVersion'],
    [{ apiVersion: ['audit.k8s.io/v1'] }, 'WrongApiVersion'],
    [{ kind: 'policy' }, 'WrongKind'],
    [{ kind: 'ClusterAuditPolicy' }, 'WrongKind'],
  ])('any other is refused there: %j', (fields, code) => {
    const { policy, problems } = embedded({ ...fields, rules: [{ level: 'None' }] });
    expect(problems).toMatchObject([
      { code, severity: 'error', message: expect.stringContaining('remove the field') as string },
    ]);
    expect(policy).toBeUndefined();
  });

  test.each<[object, string[]]>([
    [{}, ['apiVersion is missing: write apiVersion: audit.k8s.io/v1', 'kind is missing: write kind: Policy']],
    [
      { apiVersion: null, kind: '' },
      ['apiVersion is empty: write apiVersion: audit.k8s.io/v1', 'kind is empty: write kind: Policy'],
    ],
    [
      { apiVersion: 'audit.k8s.io/v1beta1', kind: 'Policy' },
      [
        'expected "audit.k8s.io/v1", found the string "audit.k8s.io/v1beta1", which Kubernetes 1.24 removed: write apiVersion: audit.k8s.io/v1',
      ],
    ],
    [
      { apiVersion: 'audit.k8s.io/v1', kind: 'policy' },
      ['expected "Policy", found the string "policy": write kind: Policy'],
    ],
  ])('in a policy of its own they are required: %j', (fields, messages) => {
    const { policy, problems } = whole({ ...fields, rules: [{ level: 'None' }] });
    expect(problems.map(({ message }) => message)).toEqual(messages);
    expect(policy).toBeUndefined();
  });

  test('of another kind altogether no field is looked at', () => {
    const { problems } = whole({ apiVersion: 'v1', kind: 'ConfigMap', data: {}, x: 1 });
    expect(problems.map(({ code }) => code)).toEqual(['WrongApiVersion', 'WrongKind']);
  });

  test('metadata of a policy of its own is checked', () => {
    const { problems } = whole({
      ...meta,
      metadata: { nam: 'x', labels: { a: 1 }, generation: 1.5 },
      rules: [],
    });
    expect(problems.map(line)).toEqual([
      'metadata.nam: unknown field "nam": did you mean "name"?',
      'metadata.labels.a: expected a string, found the number 1: write "1", in quotes',
      'metadata.generation: expected a whole number, found the number 1.5',
    ]);
    expect(whole({ ...meta, metadata: { name: 'x', creationTimestamp: null }, rules: [] }).problems).toEqual(
      [],
    );
  });
});

describe('what a user wrote is quoted safely', () => {
  test('control characters and marks of direction are escaped, long texts cut', () => {
    const nasty = `\u001b[31m\n\u202e"${'x'.repeat(200)}`;
    const [inValue] = rule({ level: [nasty, nasty], users: nasty }).problems.slice(-1);
    expect(inValue?.message).toMatch(/found the string "\\u\{1b\}\[31m\\u\{a\}\\u\{202e\}\\"x{60,80}…"/);
    const [inKey] = rule({ [nasty]: 1 }).problems;
    for (const text of [inValue?.message, inKey?.message, inKey?.path])
      expect(text).not.toMatch(/[\u0000-\u001f\u202e]/u);
    expect(inKey?.path.length).toBeLessThan(150);
  });

  test('a hundred thousand commas make no message of their size', () => {
    const [problem] = rule({ users: ',a'.repeat(100_000) }).problems;
    expect(problem?.message.length).toBeLessThan(400);
  });
});

test('paths begin with the base path, positions come from where the value was read', () => {
  const asked: unknown[] = [];
  const { problems } = decodePolicyObject(
    { rules: [{ user: [] }] },
    {
      basePath: 'spec.policy',
      embedded: true,
      positionOf: (path, part) => {
        asked.push([path, part]);
        return { line: 7, column: 3 };
      },
    },
  );
  expect(problems).toMatchObject([{ path: 'spec.policy.rules[0].user', position: { line: 7, column: 3 } }]);
  expect(asked).toEqual([[['rules', 0, 'user'], 'key']]);
});

const anyPolicy = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>('None', 'x', '${x}', '', 0, 1.5, true, null, '\u0000', '__proto__'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'rules',
        'Rules',
        'level',
        'users',
        'user',
        'resources',
        'group',
        'verbs',
        'metadata',
        'apiVersion',
        'kind',
        '__proto__',
        'constructor',
        'toString',
        'x',
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

test('any JSON value is answered: a policy exactly when nothing is wrong with it', () => {
  fc.assert(
    fc.property(fc.oneof(anyPolicy, fc.jsonValue()), fc.boolean(), (value, isEmbedded) => {
      const { policy, problems } = decodePolicyObject(value, { basePath: 'p', embedded: isEmbedded });
      expect(policy !== undefined).toBe(problems.every(({ severity }) => severity === 'warning'));
    }),
    { numRuns: 2000 },
  );
});
