import fc from 'fast-check';
import { compileRule } from '../../../../src/policy/evaluate-rule.ts';
import { compilePolicy, type RequestAttributes } from '../../../../src/policy/evaluate.ts';
import type { RequestPattern } from '../../../../src/policy/requests/pattern.ts';
import { RequestSpace } from '../../../../src/policy/requests/space.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { plainPolicy } from '../arbitraries/policies.ts';
import { everyRequest, served, small } from './small-world.ts';

const rules = (...list: Partial<PolicyRule>[]): AuditPolicy => ({
  rules: list.map((rule) => ({ level: 'Metadata', ...rule })),
});
const reach = (policy: AuditPolicy, rule: number) => new RequestSpace(policy).reach(rule);

describe('what no request can reach', () => {
  test.each<[string, AuditPolicy, number[] | 'reachable' | 'empty']>([
    ['the first rule', rules({ verbs: ['get'] }), 'reachable'],
    ['after a rule for everything', rules({}, { verbs: ['get'] }), [0]],
    ['after a rule of another verb', rules({ verbs: ['list'] }, { verbs: ['get'] }), 'reachable'],
    [
      'by the union of two, and not by a third',
      rules({ users: ['z'] }, { verbs: ['get'] }, { verbs: ['list'] }, { verbs: ['get', 'list'] }),
      [1, 2],
    ],
    ['a rule for all after one for users', rules({ userGroups: ['a'] }, {}), 'reachable'],
    ['any group is any set of groups', rules({ userGroups: ['a', 'b'] }, { userGroups: ['b'] }), [0]],
    ['one group leaves those in both', rules({ userGroups: ['a'] }, { userGroups: ['a', 'b'] }), 'reachable'],
    [
      'groups, one after another',
      rules({ userGroups: ['a'] }, { userGroups: ['b'] }, { userGroups: ['a', 'b'] }),
      [0, 1],
    ],
    ['a user is in any group', rules({ userGroups: ['a'] }, { users: ['bob'] }), 'reachable'],
    [
      'requests without a user are left for an unconstrained rule',
      rules(
        { resources: [{ group: '*' }], userGroups: ['system:authenticated'] },
        { resources: [{ group: '*' }] },
      ),
      'reachable',
    ],
    [
      'pods/* holds pods and its subresources',
      rules({ resources: [{ resources: ['pods/*'] }] }, { resources: [{ resources: ['pods', 'pods/log'] }] }),
      [0],
    ],
    [
      '*/log holds pods/log',
      rules({ resources: [{ resources: ['*/log'] }] }, { resources: [{ resources: ['pods/log'] }] }),
      [0],
    ],
    [
      'pods does not hold pods/log',
      rules({ resources: [{ resources: ['pods'] }] }, { resources: [{ resources: ['pods/log'] }] }),
      'reachable',
    ],
    ['a prefix holds a URL', rules({ nonResourceURLs: ['/api*'] }, { nonResourceURLs: ['/api/v1'] }), [0]],
    [
      '/api/* does not hold /api',
      rules({ nonResourceURLs: ['/api/*'] }, { nonResourceURLs: ['/api'] }),
      'reachable',
    ],
    [
      'the URLs beside resources count for nothing',
      rules({ nonResourceURLs: ['*'] }, { namespaces: ['a'] }),
      'reachable',
    ],
    [
      'resources and URLs together are all',
      rules({ resources: [{ group: '*' }] }, { nonResourceURLs: ['*'] }, {}),
      [0, 1],
    ],
    ['a resource of three parts is none', rules({ resources: [{ resources: ['a/b/c'] }] }), 'empty'],
  ])('%s', (_, policy, expected) => {
    const answer = reach(policy, (policy.rules?.length ?? 0) - 1);
    const isState = typeof expected === 'string';
    expect(answer).toMatchObject(
      isState ? { state: expected } : { state: 'unreachable', coveredBy: expected },
    );
  });

  test('a witness is decided by its rule, and no request gets to a rule without one', () => {
    fc.assert(
      fc.property(plainPolicy, fc.array(served, { minLength: 20, maxLength: 20 }), (policy, requests) => {
        const space = new RequestSpace(policy);
        const decide = compilePolicy(policy);
        const wrong = [...(policy.rules ?? []).keys()].filter((index) => {
          const answer = space.reach(index);
          if (answer.state !== 'reachable')
            return answer.state === 'undecided' || requests.some((one) => decide(one).rule === index);
          const { witness } = answer;
          return decide(witness.request).rule !== index || witness.rule !== index;
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('agrees with trying every request', () => {
    const requests = everyRequest();
    fc.assert(
      fc.property(small, (policy) => {
        const space = new RequestSpace(policy);
        const decide = compilePolicy(policy);
        const reached = new Set(requests.map((one) => decide(one).rule));
        for (const index of (policy.rules ?? []).keys())
          expect([index, space.reach(index).state === 'reachable']).toEqual([index, reached.has(index)]);
        expect(space.decidedBy(-1, {}) !== undefined).toBe(reached.has(-1));
      }),
      { numRuns: 400 },
    );
  });

  test('the rules named cover it, and none of them is too many', () => {
    fc.assert(
      fc.property(small, (policy) => {
        const space = new RequestSpace(policy);
        const wrong = [...(policy.rules ?? []).entries()].filter(([index, rule]) => {
          const answer = space.reach(index);
          if (answer.state !== 'unreachable') return false;
          const stateBehind = (indices: readonly number[]) =>
            reach({ rules: [...indices.flatMap((one) => policy.rules?.[one] ?? []), rule] }, indices.length)
              .state;
          const { coveredBy } = answer;
          const isTooMany = (left: number) =>
            stateBehind(coveredBy.filter((one) => one !== left)) !== 'reachable';
          return stateBehind(coveredBy) !== 'unreachable' || coveredBy.some(isTooMany);
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a rule decides of a pattern', () => {
  const PATTERNS: RequestPattern[] = [
    { resources: [{ resources: ['pods', '*/log'] }], verbs: ['get'] },
    { resources: [{ resources: ['nodes'] }], isIdentified: true },
    { userGroups: ['dev'], namespaces: ['default'] },
    { nonResourceURLs: ['/api/*'], users: ['alice'] },
  ];

  test('agrees with trying every request', () => {
    const requests = everyRequest();
    fc.assert(
      fc.property(small, (policy) => {
        const space = new RequestSpace(policy, { patterns: PATTERNS });
        const decide = compilePolicy(policy);
        for (const pattern of PATTERNS) {
          const isAsked = compileRule({ level: '', ...pattern });
          const decided = new Set(requests.filter(isAsked).map((one) => decide(one).rule));
          const wrong = [-1, ...(policy.rules ?? []).keys()].filter((index) => {
            const witness = space.decidedBy(index, pattern);
            if (typeof witness === 'object')
              return !isAsked(witness.request) || decide(witness.request).rule !== index;
            return witness === 'undecided' || (pattern.isIdentified !== true && decided.has(index));
          });
          expect(wrong).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('an identified user is always in one of two groups', () => {
    const policy = rules(
      { userGroups: ['system:authenticated'] },
      { userGroups: ['system:unauthenticated'] },
      {},
    );
    const space = new RequestSpace(policy, { patterns: [{ isIdentified: true }] });
    expect(space.decidedBy(2, { isIdentified: true })).toBeUndefined();
    expect(space.decidedBy(2, {})).toMatchObject({ request: { user: null }, rule: 2 });
    expect(space.decidedBy(1, { isIdentified: true })).toMatchObject({
      request: { user: 'system:anonymous', groups: ['system:unauthenticated'] },
    });
  });
});

describe('a witness', () => {
  test.each<[string, Partial<PolicyRule>, Partial<RequestAttributes>]>([
    [
      'of nothing in particular',
      {},
      {
        user: 'jane',
        groups: ['system:authenticated'],
        verb: 'get',
        resource: 'pods',
        namespace: 'default',
        name: 'example',
      },
    ],
    ['of a list names no object', { verbs: ['list'] }, { verb: 'list', name: '' }],
    [
      'of exec has a verb that is served',
      { resources: [{ resources: ['pods/exec'] }] },
      { verb: 'create', subresource: 'exec' },
    ],
    [
      'of cluster scope has no namespace',
      { resources: [{ resources: ['nodes'] }] },
      { resource: 'nodes', namespace: '' },
    ],
    [
      'of a group is a resource of it',
      { resources: [{ group: 'apps' }] },
      { apiGroup: 'apps', resource: 'controllerrevisions' },
    ],
    ['of an unknown group is made up', { resources: [{ group: 'x.io' }] }, { apiGroup: 'x.io', verb: 'get' }],
    [
      'of the anonymous',
      { userGroups: ['system:unauthenticated'] },
      { user: 'system:anonymous', groups: ['system:unauthenticated'] },
    ],
    ['of a URL', { nonResourceURLs: ['/healthz'] }, { path: '/healthz', isResourceRequest: false }],
  ])('%s', (_, rule, expected) => {
    const answer = reach(rules(rule), 0);
    expect(answer).toMatchObject({ state: 'reachable', witness: { request: expected, rule: 0 } });
  });
});

describe('the bound', () => {
  const many = rules(...Array.from({ length: 400 }, (_, i) => ({ users: [`u${i}`], verbs: ['get'] })), {
    verbs: ['get'],
  });

  test('of one question: undecided, and the next question is answered', () => {
    const space = new RequestSpace(many, { maxPerQuestion: 500 });
    expect(space.reach(400)).toEqual({ state: 'undecided' });
    expect(space.decidedBy(400, {})).toBe('undecided');
    expect(space.reach(1).state).toBe('reachable');
  });

  test('of all questions: nothing more is decided', () => {
    const space = new RequestSpace(many, { maxTotal: 100 });
    expect(space.reach(1).state).toBe('reachable');
    expect(space.reach(400).state).toBe('undecided');
    expect(space.reach(2).state).toBe('undecided');
    expect(space.decidedBy(1, {})).toBe('undecided');
  });

  test('is not met by a policy of two hundred rules', () => {
    const policy = rules(
      ...Array.from({ length: 199 }, (_, i) => ({
        userGroups: [`g${i}`, `h${i}`],
        verbs: ['get', 'list'],
        resources: [{ resources: [`r${i}`] }],
      })),
      {},
    );
    const space = new RequestSpace(policy);
    const states = policy.rules?.map((_, index) => space.reach(index).state);
    expect(new Set(states)).toEqual(new Set(['reachable']));
  });
});
