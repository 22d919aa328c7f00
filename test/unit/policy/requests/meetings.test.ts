import fc from 'fast-check';
import { compileRule } from '../../../../src/policy/evaluate-rule.ts';
import { compilePolicy, type RequestAttributes } from '../../../../src/policy/evaluate.ts';
import {
  PolicyPair,
  type MeetingQuestion,
  type Meetings,
  type PairOptions,
} from '../../../../src/policy/requests/pair.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { plainPolicy } from '../arbitraries/policies.ts';
import { everyRequest, served, small } from './small-world.ts';

const rules = (...list: Partial<PolicyRule>[]): AuditPolicy => ({
  rules: list.map((rule) => ({ level: 'Metadata', ...rule })),
});
const meetings = (a: AuditPolicy, b: AuditPolicy, asked: PairOptions & MeetingQuestion = {}) =>
  new PolicyPair(a, b, asked).meetings(asked);
const pairsOf = ({ met }: Meetings) => met.map(({ a, b }) => [a, b]);

/** The pairs that requests show, in the order of the answer: what no rule matches last. */
function pairsSeen(a: AuditPolicy, b: AuditPolicy, requests: readonly RequestAttributes[]): number[][] {
  const [decideA, decideB] = [compilePolicy(a), compilePolicy(b)];
  const seen = new Map<string, number[]>();
  for (const one of requests) {
    const pair = [decideA(one).rule, decideB(one).rule];
    seen.set(String(pair), pair);
  }
  const place = (rule = -1) => (rule < 0 ? Infinity : rule);
  const compare = (x: number, y: number) => (x === y ? 0 : x - y);
  return [...seen.values()].sort(
    ([a1, b1], [a2, b2]) => compare(place(a1), place(a2)) || compare(place(b1), place(b2)),
  );
}

function expectTrueWitnesses(a: AuditPolicy, b: AuditPolicy, found: Meetings): void {
  const [decideA, decideB] = [compilePolicy(a), compilePolicy(b)];
  const real = found.met.map(({ request }) => [decideA(request).rule, decideB(request).rule]);
  expect(real).toEqual(pairsOf(found));
}

describe('which rules of two policies decide the same requests', () => {
  test.each<[string, AuditPolicy, AuditPolicy, number[][]]>([
    [
      'a policy and itself: each rule with itself, and what none matches',
      rules({ users: ['a'] }, { verbs: ['get'] }),
      rules({ users: ['a'] }, { verbs: ['get'] }),
      [
        [0, 0],
        [1, 1],
        [-1, -1],
      ],
    ],
    [
      'two rules in the other order',
      rules({ users: ['a'] }, { verbs: ['get'] }),
      rules({ verbs: ['get'] }, { users: ['a'] }),
      [
        [0, 0],
        [0, 1],
        [1, 0],
        [-1, -1],
      ],
    ],
    ['no rules on one side', {}, rules({}), [[-1, 0]]],
    ['no rules at all', {}, { rules: [] }, [[-1, -1]]],
    [
      'a rule that nothing reaches meets nothing',
      rules({}, { users: ['a'] }),
      rules({ users: ['a'] }, {}),
      [
        [0, 0],
        [0, 1],
      ],
    ],
    [
      'groups are sets: some are in both',
      rules({ userGroups: ['dev'] }),
      rules({ userGroups: ['ops'] }),
      [
        [0, 0],
        [0, -1],
        [-1, 0],
        [-1, -1],
      ],
    ],
    [
      'resources and URLs never meet',
      rules({ nonResourceURLs: ['*'] }),
      rules({ resources: [{ group: '*' }] }),
      [
        [0, -1],
        [-1, 0],
      ],
    ],
    [
      'a word that only one of them has divides the requests of the other',
      rules({ resources: [{ resources: ['pods/*'] }] }, {}),
      rules({ resources: [{ resources: ['pods/exec'] }] }, {}),
      [
        [0, 0],
        [0, 1],
        [1, 1],
      ],
    ],
  ])('%s', (_, a, b, expected) => {
    const found = meetings(a, b);
    expect(pairsOf(found)).toEqual(expected);
    expect(found.undecided).toEqual([]);
    expectTrueWitnesses(a, b, found);
  });

  test('agrees with trying every request', () => {
    const requests = everyRequest();
    fc.assert(
      fc.property(small, small, (a, b) => {
        const found = meetings(a, b);
        expect(found.undecided).toEqual([]);
        expect(pairsOf(found)).toEqual(pairsSeen(a, b, requests));
        expectTrueWitnesses(a, b, found);
      }),
      { numRuns: 150 },
    );
  });

  test('witnesses are decided as said, and what a request meets is listed', () => {
    fc.assert(
      fc.property(
        plainPolicy,
        plainPolicy,
        fc.array(served, { minLength: 20, maxLength: 20 }),
        (a, b, requests) => {
          const found = meetings(a, b);
          expect(found.undecided).toEqual([]);
          expectTrueWitnesses(a, b, found);
          expect(pairsOf(found)).toEqual(expect.arrayContaining(pairsSeen(a, b, requests)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('only pairs that are asked about are looked for', () => {
    const a = rules({ users: ['a'] }, { verbs: ['get'] }, {});
    const asked: number[][] = [];
    const found = meetings(a, a, {
      isAsked: (one, other) => {
        asked.push([one, other]);
        return one === 1;
      },
    });
    expect(pairsOf(found)).toEqual([[1, 1]]);
    expect(asked).toContainEqual([0, 2]);
  });

  test('but for patterns: agrees with trying every other request', () => {
    const any = [{ resources: [{ group: '*' }] }, { isOfNobody: true }];
    const none = [{ resources: [{ group: '*', resources: ['*/log'] }] }, { verbs: ['list'], users: ['bob'] }];
    const isOut = none.map((pattern) => compileRule({ level: '', ...pattern }));
    const requests = everyRequest().filter(
      (one) => (one.isResourceRequest || one.user === null) && !isOut.some((matches) => matches(one)),
    );
    fc.assert(
      fc.property(small, small, (a, b) => {
        const found = meetings(a, b, { patterns: [...any, ...none], within: () => ({ any, none }) });
        expect(found.undecided).toEqual([]);
        expect(pairsOf(found)).toEqual(pairsSeen(a, b, requests));
        expectTrueWitnesses(a, b, found);
      }),
      { numRuns: 100 },
    );
  });

  test('within patterns: agrees with trying every request of them', () => {
    const patterns = [
      { resources: [{ group: '*', resources: ['*/log'] }] },
      { nonResourceURLs: ['/api/*'], users: ['alice'] },
    ];
    const isAsked = patterns.map((pattern) => compileRule({ level: '', ...pattern }));
    const requests = everyRequest().filter((one) => isAsked.some((matches) => matches(one)));
    fc.assert(
      fc.property(small, small, (a, b) => {
        const found = meetings(a, b, { patterns, within: () => ({ any: patterns }) });
        expect(found.undecided).toEqual([]);
        expect(pairsOf(found)).toEqual(pairsSeen(a, b, requests));
        expectTrueWitnesses(a, b, found);
        expect(found.met.every(({ request }) => isAsked.some((matches) => matches(request)))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the bound', () => {
  const groups = rules(...Array.from({ length: 50 }, (_, i) => ({ userGroups: [`g${i}`] })));
  const reversed = { rules: [...(groups.rules ?? [])].reverse() };

  test.each([
    ['one question', { maxPerQuestion: 500 }, { a: 0, b: 40 }],
    ['all questions', { maxTotal: 60_000 }, { a: 49 }],
  ])('of %s: every pair is met, open, or of a rule that is', (_, bound, expected) => {
    const found = meetings(groups, reversed, bound);
    const isOpen = (a: number, b: number) =>
      found.undecided.some((open) => open.a === a && (open.b ?? b) === b);
    const whole = meetings(groups, reversed);
    const missing = pairsOf(whole).filter(
      ([a = -1, b = -1]) => !found.met.some((one) => one.a === a && one.b === b) && !isOpen(a, b),
    );
    expect(whole).toMatchObject({ undecided: [], met: { length: 1276 } });
    expect(found.undecided).toContainEqual(expected);
    expect(found.met.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
    expectTrueWitnesses(groups, reversed, found);
  });

  test('a rule that is too long to look at by itself is open, not one that meets nothing', () => {
    const long = (prefix: string) => ({
      resources: Array.from({ length: 40 }, (_, i) => ({
        resources: ['pods'],
        group: `${prefix}${i}`,
        resourceNames: [`${prefix}${i}`],
      })),
    });
    const [a, b] = [rules(long('x'), long('y'), {}), rules({})];
    expect(pairsOf(meetings(a, b))).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    const found = meetings(a, b, { maxPerQuestion: 1000 });
    expect(pairsOf(found)).toEqual([[0, 0]]);
    expect(found.undecided).toEqual([
      { a: 1, b: 0 },
      { a: 2, b: 0 },
    ]);
  });

  test('a policy too large to divide leaves every rule open', () => {
    const large = rules({
      resources: [
        {
          resources: Array.from({ length: 1100 }, (_, i) => [`r${i}/*`, `*/s${i}`]).flat(),
        },
      ],
    });
    expect(meetings(large, rules({}))).toEqual({ met: [], undecided: [{ a: 0 }, { a: -1 }] });
  });

  test('is not met by two policies of a hundred rules', () => {
    const policyWith = (level: string) =>
      rules(
        ...Array.from({ length: 99 }, (_, i) => ({
          level,
          userGroups: [`g${i}`, `h${i}`],
          verbs: ['get', 'list'],
          resources: [{ resources: [`r${i}`] }],
        })),
        {},
      );
    const found = meetings(policyWith('Metadata'), policyWith('Request'));
    expect(found.undecided).toEqual([]);
    expect(pairsOf(found)).toEqual(Array.from({ length: 100 }, (_, i) => [i, i]));
  });

  test('is not counted in pairs: two policies of ten thousand rules end', () => {
    const huge = rules(...Array.from({ length: 10_000 }, (_, i) => ({ users: [`u${i % 7}`] })));
    const found = meetings(huge, huge, { isAsked: () => false });
    expect(found.met).toEqual([]);
  });
});
