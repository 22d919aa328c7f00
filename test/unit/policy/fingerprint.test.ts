import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { fingerprint } from '../../../src/policy/fingerprint.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import { plainPolicy, request } from './arbitraries/policies.ts';

const rule = {
  level: 'None',
  users: ['a', 'b'],
  resources: [{ group: 'apps' }, { resources: ['pods', 'nodes'] }],
};
const base: AuditPolicy = { rules: [rule, { level: 'Metadata' }], omitStages: ['Panic'] };

test('is 64 hex digits, the same in every process and release', () => {
  expect(fingerprint({ rules: [{ level: 'Metadata' }] })).toBe(
    'cbc3b03c6174e366d965d049d97254e56e4279a603bcbb68a6b7e78db8c4b406',
  );
});

describe('two spellings of one policy are equal', () => {
  test.each<[string, AuditPolicy]>([
    [
      'order of keys',
      {
        omitStages: ['Panic'],
        rules: [{ resources: rule.resources, users: rule.users, level: 'None' }, { level: 'Metadata' }],
      },
    ],
    ['policy-level false', { ...base, omitManagedFields: false }],
    [
      'empty lists',
      {
        ...base,
        rules: [
          { ...rule, verbs: [], nonResourceURLs: [] },
          { level: 'Metadata', resources: [] },
        ],
      },
    ],
    [
      'the core group',
      {
        ...base,
        rules: [
          {
            ...rule,
            resources: [
              { group: 'apps', resourceNames: [] },
              { group: '', resources: ['pods', 'nodes'] },
            ],
          },
          { level: 'Metadata' },
        ],
      },
    ],
    [
      'order and repetition of users',
      { ...base, rules: [{ ...rule, users: ['b', 'a', 'b'] }, { level: 'Metadata' }] },
    ],
    [
      'order of entries and their resources',
      {
        ...base,
        rules: [
          {
            ...rule,
            resources: [{ resources: ['nodes', 'pods', 'pods'] }, { group: 'apps' }, { group: 'apps' }],
          },
          { level: 'Metadata' },
        ],
      },
    ],
    ['repeated stages', { ...base, omitStages: ['Panic', 'Panic'] }],
  ])('%s', (_, policy) => {
    expect(fingerprint(policy)).toBe(fingerprint(base));
  });

  test('no rules, however said', () => {
    expect(fingerprint({ rules: [], omitStages: [] })).toBe(fingerprint({}));
  });
});

describe('what decides otherwise is different', () => {
  test.each<[string, AuditPolicy]>([
    ['order of rules', { ...base, rules: [{ level: 'Metadata' }, rule] }],
    ['a repeated rule', { ...base, rules: [rule, rule, { level: 'Metadata' }] }],
    [
      'a rule’s own false',
      { ...base, rules: [{ ...rule, omitManagedFields: false }, { level: 'Metadata' }] },
    ],
    ['a rule’s own true', { ...base, rules: [{ ...rule, omitManagedFields: true }, { level: 'Metadata' }] }],
    ['the policy’s true', { ...base, omitManagedFields: true }],
    ['another level', { ...base, rules: [{ ...rule, level: 'Request' }, { level: 'Metadata' }] }],
    [
      'users as groups',
      {
        ...base,
        rules: [{ level: 'None', userGroups: rule.users, resources: rule.resources }, { level: 'Metadata' }],
      },
    ],
    [
      'entries merged',
      {
        ...base,
        rules: [
          { ...rule, resources: [{ group: 'apps', resources: ['pods', 'nodes'] }] },
          { level: 'Metadata' },
        ],
      },
    ],
    [
      'the whole core group besides',
      { ...base, rules: [{ ...rule, resources: [...rule.resources, {}] }, { level: 'Metadata' }] },
    ],
    ['names split otherwise', { ...base, rules: [{ ...rule, users: ['a,b'] }, { level: 'Metadata' }] }],
    ['the empty user', { ...base, rules: [{ ...rule, users: ['a', 'b', ''] }, { level: 'Metadata' }] }],
    [
      'the stages of a rule',
      { ...base, omitStages: [], rules: [{ ...rule, omitStages: ['Panic'] }, { level: 'Metadata' }] },
    ],
  ])('%s', (_, policy) => {
    expect(fingerprint(policy)).not.toBe(fingerprint(base));
  });

  test('the names of an entry', () => {
    const withNames = (resourceNames: string[]) => ({
      rules: [{ level: 'None', resources: [{ resources: ['pods'], resourceNames }] }],
    });
    expect(fingerprint(withNames(['a', 'b']))).toBe(fingerprint(withNames(['b', 'a'])));
    expect(fingerprint(withNames(['a', 'b']))).not.toBe(fingerprint(withNames(['a'])));
  });
});

/** Another spelling: keys reversed, lists in another order and with repetitions, empty ones added. */
function respell(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => respell(item));
    return key === 'rules' ? items : [...items.toReversed(), ...items.slice(0, 1)];
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]): [string, unknown] => [
    name,
    respell(field, name),
  ]);
  return Object.fromEntries(fields.reverse());
}

/** Every policy that is one small edit away: an item of a list or a field gone, two neighbours exchanged, a boolean turned. */
function edits<T>(value: T): T[] {
  if (typeof value === 'boolean') return [!value as T];
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    return items.flatMap((item, i) => [
      items.toSpliced(i, 1) as T,
      items.toSpliced(i, 2, ...items.slice(i, i + 2).reverse()) as T,
      ...edits(item).map((edited) => items.with(i, edited) as T),
    ]);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [
    ...(key === 'level'
      ? []
      : [Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as T]),
    ...edits<unknown>(field).map((edited) => ({ ...value, [key]: edited })),
  ]);
}

describe('properties', () => {
  test('a respelt policy has the same fingerprint', () => {
    fc.assert(
      fc.property(plainPolicy, (policy) => {
        expect(fingerprint(respell(policy) as AuditPolicy)).toBe(fingerprint(policy));
      }),
    );
  });

  test('a respelt policy decides alike; one that is edited and decides otherwise has another fingerprint', () => {
    fc.assert(
      fc.property(plainPolicy, fc.array(request, { minLength: 5, maxLength: 20 }), (policy, requests) => {
        const decisions = (of: AuditPolicy) => requests.map((attributes) => evaluate(of, attributes));
        const original = decisions(policy);
        expect(decisions(respell(policy) as AuditPolicy)).toEqual(original);
        const others = edits(policy).filter((edited) => !isDeepStrictEqual(decisions(edited), original));
        expect(others.filter((edited) => fingerprint(edited) === fingerprint(policy))).toEqual([]);
      }),
    );
  });
});
