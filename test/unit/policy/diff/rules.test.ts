import fc from 'fast-check';
import { describeRule, policyChanges, ruleChanges } from '../../../../src/policy/diff/fields.ts';
import { ruleEdits, type RuleEdit } from '../../../../src/policy/diff/rules.ts';
import { fingerprint } from '../../../../src/policy/fingerprint.ts';
import { normalizeRule } from '../../../../src/policy/normalize.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { plainPolicy } from '../arbitraries/policies.ts';

const rule = (users: string, level = 'Metadata', verbs?: string[]): PolicyRule => ({
  level,
  ...(users === '' ? {} : { users: users.split(',') }),
  ...(verbs === undefined ? {} : { verbs }),
});
const [A, B, C, D] = [rule('a'), rule('b'), rule('c'), rule('d')];

describe('which rules were edited', () => {
  test.each<[string, PolicyRule[], PolicyRule[], RuleEdit[]]>([
    ['nothing', [A, B], [A, B], []],
    ['the order of a list is no edit', [rule('a,b')], [rule('b,a,b')], []],
    ['one more, in the middle', [A, B], [A, C, B], [{ kind: 'added', after: 1 }]],
    ['one less', [A, B, C], [A, C], [{ kind: 'removed', before: 1 }]],
    ['one moved to the top', [A, B, C], [C, A, B], [{ kind: 'moved', before: 2, after: 0 }]],
    ['one moved to the end', [A, B, C], [B, C, A], [{ kind: 'moved', before: 0, after: 2 }]],
    [
      'another level',
      [A, B],
      [A, rule('b', 'None')],
      [
        {
          kind: 'changed',
          before: 1,
          after: 1,
          fields: [{ field: 'level', removed: ['Metadata'], added: ['None'] }],
        },
      ],
    ],
    [
      'a list that grew, beside a rule that is new',
      [A, rule('b,c'), D],
      [A, rule('z'), rule('b,c,e'), D],
      [
        { kind: 'added', after: 1 },
        {
          kind: 'changed',
          before: 1,
          after: 2,
          fields: [{ field: 'users', removed: [], added: ['e'] }],
        },
      ],
    ],
    [
      'nothing in common: one went, one came',
      [A, B, C],
      [A, D, C],
      [
        { kind: 'removed', before: 1 },
        { kind: 'added', after: 1 },
      ],
    ],
    [
      'the rule for all the rest is one rule, at whatever level',
      [A, rule('')],
      [A, rule('', 'Request')],
      [
        {
          kind: 'changed',
          before: 1,
          after: 1,
          fields: [{ field: 'level', removed: ['Metadata'], added: ['Request'] }],
        },
      ],
    ],
    [
      'an edit across a rule that stays: edited and moved',
      [rule('x,y'), A],
      [A, rule('x,y,z')],
      [
        {
          kind: 'changed',
          before: 0,
          after: 1,
          fields: [{ field: 'users', removed: [], added: ['z'] }],
          isMoved: true,
        },
      ],
    ],
    [
      'but only what is mostly the same is taken for it',
      [rule('x,y'), A],
      [A, rule('y,z')],
      [
        { kind: 'removed', before: 0 },
        { kind: 'added', after: 1 },
      ],
    ],
    ['the same rule twice, once now', [A, B, A], [A, B], [{ kind: 'removed', before: 2 }]],
    [
      'all went',
      [A, B],
      [],
      [
        { kind: 'removed', before: 0 },
        { kind: 'removed', before: 1 },
      ],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(ruleEdits(before, after)).toEqual(expected);
  });

  test('the edits tell all: what they do not name is the same and in the same order', () => {
    fc.assert(
      fc.property(plainPolicy, plainPolicy, fc.array(fc.nat(9)), (one, other, picks) => {
        // Rules of the first again, so that some are the same.
        const before = one.rules ?? [];
        const after = [...(other.rules ?? []), ...picks.flatMap((pick) => before[pick] ?? [])];
        const edits = ruleEdits(before, after);
        const named = (side: 'before' | 'after') =>
          edits.flatMap((edit) => (side in edit ? [(edit as Record<string, unknown>)[side]] : []));
        const rest = (list: readonly PolicyRule[], side: 'before' | 'after') =>
          list.filter((_, index) => !named(side).includes(index)).map(normalizeRule);
        expect(new Set(named('before')).size).toBe(named('before').length);
        expect(new Set(named('after')).size).toBe(named('after').length);
        expect(rest(before, 'before')).toEqual(rest(after, 'after'));
        const wrong = edits.filter((edit) => {
          if (edit.kind === 'changed') return edit.fields.length === 0;
          if (edit.kind !== 'moved') return false;
          return (
            fingerprint({ rules: [before[edit.before]!] }) !== fingerprint({ rules: [after[edit.after]!] })
          );
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('a policy in another order: each rule moved or in place, never new', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.nat(50), { maxLength: 12 })
          .chain((ids) => fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length }))),
        ([ids, shuffled]) => {
          const edits = ruleEdits(
            ids.map((id) => rule(`u${id}`)),
            shuffled.map((id) => rule(`u${id}`)),
          );
          expect(edits.map(({ kind }) => kind)).toEqual(edits.map(() => 'moved'));
          expect(edits.length).toBeLessThanOrEqual(Math.max(0, ids.length - 1));
        },
      ),
    );
  });

  test('no edit and no other field is the same fingerprint, and the other way round', () => {
    fc.assert(
      fc.property(plainPolicy, plainPolicy, fc.boolean(), (one, other, isSame) => {
        const after = isSame ? structuredClone(one) : other;
        const isQuiet =
          ruleEdits(one.rules ?? [], after.rules ?? []).length + policyChanges(one, after).length === 0;
        expect(isQuiet).toBe(fingerprint(one) === fingerprint(after));
      }),
      { numRuns: 500 },
    );
  });

  test('ten thousand rules, all other ones', () => {
    const many = (prefix: string) => Array.from({ length: 10_000 }, (_, i) => rule(`${prefix}${i}`));
    expect(ruleEdits(many('a'), many('b'))).toHaveLength(20_000);
    const every = (level: string) =>
      Array.from({ length: 10_000 }, (_, i) => rule(`u${i}`, i % 2 === 0 ? 'None' : level));
    expect(ruleEdits(every('Metadata'), every('Request')).map(({ kind }) => kind)).toEqual(
      Array.from({ length: 5000 }, () => 'changed'),
    );
    expect(ruleEdits(many('a'), many('a').reverse())).toHaveLength(9999);
  });
});

describe('the fields of a rule', () => {
  test('what went and what came, resource by resource', () => {
    const before: PolicyRule = {
      level: 'Request',
      resources: [{ resources: ['secrets', 'pods'] }, { group: 'apps', resources: ['deployments/scale'] }],
      omitManagedFields: true,
    };
    const after: PolicyRule = {
      level: 'Request',
      resources: [
        { resources: ['pods'] },
        { group: 'apps' },
        { resources: ['configmaps'], resourceNames: ['a b', 'c'] },
      ],
      omitStages: ['Panic'],
    };
    expect(ruleChanges(before, after)).toEqual([
      {
        field: 'resources',
        removed: ['deployments.apps/scale', 'secrets'],
        added: ['all of apps', 'configmaps["a b",c]'],
      },
      { field: 'omitStages', removed: [], added: ['Panic'] },
      { field: 'omitManagedFields', removed: ['true'], added: [] },
    ]);
  });

  test('the same resources in other entries: the entries', () => {
    const together: PolicyRule = { level: 'None', resources: [{ resources: ['a', 'b'] }] };
    const apart: PolicyRule = { level: 'None', resources: [{ resources: ['a'] }, { resources: ['b'] }] };
    expect(ruleChanges(together, apart)).toEqual([
      {
        field: 'resources',
        removed: ['{"resources":["a","b"]}'],
        added: ['{"resources":["a"]}', '{"resources":["b"]}'],
      },
    ]);
  });

  test('of the policy', () => {
    const before: AuditPolicy = { omitStages: ['Panic', 'RequestReceived'] };
    const after: AuditPolicy = { omitStages: ['RequestReceived'], omitManagedFields: true };
    expect(policyChanges(before, after)).toEqual([
      { field: 'omitStages', removed: ['Panic'], added: [] },
      { field: 'omitManagedFields', removed: [], added: ['true'] },
    ]);
    expect(policyChanges({}, { omitManagedFields: false, omitStages: [] })).toEqual([]);
  });

  test('a rule as a line', () => {
    expect(
      describeRule({
        level: 'None',
        verbs: ['watch', 'get'],
        users: ['a b'],
        resources: [{ group: '*', resources: ['pods/*'] }],
      }),
    ).toBe('None users="a b" verbs=get,watch resources=pods.*/*');
    expect(describeRule({ level: 'Metadata' })).toBe('Metadata');
    const users = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(describeRule({ level: 'None', users })).toBe('None users=a,b,c,d,e,f,… (8)');
  });
});
