import fc from 'fast-check';
import { requestChanges, type RequestChange } from '../../../../src/policy/diff/changes.ts';
import { diffPolicies } from '../../../../src/policy/diff/diff.ts';
import { changeOf, outcomeOf, type ChangeKind } from '../../../../src/policy/diff/outcome.ts';
import { compilePolicy, type RequestAttributes } from '../../../../src/policy/evaluate.ts';
import { kindOfRequest } from '../../../../src/policy/recorded-stages.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { plainPolicy } from '../arbitraries/policies.ts';
import { everyRequest, served, small } from '../requests/small-world.ts';

const rules = (...list: PolicyRule[]): AuditPolicy => ({ rules: list });
const kindsOf = (before: AuditPolicy, after: AuditPolicy) =>
  requestChanges(before, after).changes.map(({ kind, before: one, after: other }) => [
    kind,
    one.rule,
    other.rule,
  ]);

/** What becomes of a request, by the evaluator alone. */
function judge(before: AuditPolicy, after: AuditPolicy) {
  const [decideBefore, decideAfter] = [compilePolicy(before), compilePolicy(after)];
  return (request: RequestAttributes) => {
    const of = kindOfRequest(request);
    const [one, other] = [decideBefore(request), decideAfter(request)];
    const kind = changeOf(outcomeOf(one, of), outcomeOf(other, of));
    return { kind, pair: `${one.rule} ${other.rule}` };
  };
}

/** As kube-apiserver sees to: whoever has a user is in a group. */
function identified(request: RequestAttributes): RequestAttributes {
  const { user, groups } = request;
  return user === null ? request : { ...request, groups: [...groups, 'system:authenticated'] };
}

const textOf = ({ kind, pair }: { kind: ChangeKind | undefined; pair: string }) => `${kind} ${pair}`;
const pairOf = ({ before, after }: RequestChange) => `${before.rule} ${after.rule}`;

describe('the kind of a change', () => {
  const outcome = (level: string, stages = ['ResponseComplete'], omitsManagedFields = false) => ({
    level,
    stages: level === 'None' ? [] : stages,
    omitsManagedFields,
  });
  test.each<[string, ReturnType<typeof outcome>, ReturnType<typeof outcome>, ChangeKind | undefined]>([
    ['not recorded any more', outcome('Metadata'), outcome('None'), 'lost'],
    ['recorded now', outcome('None'), outcome('Request'), 'gained'],
    ['never recorded', outcome('None'), outcome('None'), undefined],
    ['the same', outcome('Request'), outcome('Request'), undefined],
    ['less of the bodies', outcome('RequestResponse'), outcome('Request'), 'less'],
    ['more of them', outcome('Metadata'), outcome('Request'), 'more'],
    [
      'a stage less',
      outcome('Metadata', ['Panic', 'RequestReceived']),
      outcome('Metadata', ['Panic']),
      'less',
    ],
    ['a stage more', outcome('Metadata', []), outcome('Metadata', ['Panic']), 'more'],
    ['another stage', outcome('Metadata', ['Panic']), outcome('Metadata', ['RequestReceived']), 'mixed'],
    ['a body more and a stage less', outcome('Metadata'), outcome('Request', []), 'mixed'],
    ['without managed fields', outcome('Request'), outcome('Request', undefined, true), 'less'],
    ['with them', outcome('Request', undefined, true), outcome('RequestResponse'), 'more'],
    [
      'a body without them is more than none',
      outcome('Metadata'),
      outcome('Request', undefined, true),
      'more',
    ],
    ['and none is less', outcome('Request', undefined, true), outcome('Metadata'), 'less'],
  ])('%s', (_, before, after, expected) => {
    expect(changeOf(before, after)).toBe(expected);
  });

  test('every stage omitted is not recorded; metadata has no managed fields', () => {
    const decision = { rule: 0, level: 'Metadata', omitStages: [], omitManagedFields: true };
    expect(outcomeOf(decision, 'plain')).toEqual({
      level: 'Metadata',
      stages: ['RequestReceived', 'ResponseComplete', 'Panic'],
      omitsManagedFields: false,
    });
    const omitStages = ['Panic', 'RequestReceived', 'ResponseComplete'];
    expect(outcomeOf({ ...decision, omitStages }, 'plain')).toMatchObject({ level: 'None', stages: [] });
    expect(outcomeOf({ ...decision, omitStages }, 'long')).toMatchObject({ stages: ['ResponseStarted'] });
  });
});

describe('which requests are recorded otherwise', () => {
  test('losses first, the greater ones before', () => {
    const before = rules(
      { level: 'RequestResponse', users: ['a'] },
      { level: 'Request', users: ['b'] },
      { level: 'Metadata', users: ['c'] },
    );
    const after = rules(
      { level: 'Metadata', users: ['a'] },
      { level: 'None', users: ['c', 'b'] },
      { level: 'Metadata' },
    );
    expect(kindsOf(before, after)).toEqual([
      ['lost', 1, 1],
      ['lost', 2, 1],
      ['less', 0, 0],
      ['gained', -1, 2],
    ]);
  });

  test('a witness, and what is recorded of it on both sides', () => {
    const before = rules({ level: 'Request', verbs: ['get'], resources: [{ resources: ['secrets'] }] });
    const after: AuditPolicy = { ...before, omitStages: ['RequestReceived'], omitManagedFields: true };
    expect(requestChanges(before, after)).toMatchObject({
      changes: [
        {
          kind: 'less',
          before: { rule: 0, stages: ['RequestReceived', 'ResponseComplete', 'Panic'] },
          after: { rule: 0, stages: ['ResponseComplete', 'Panic'], omitsManagedFields: true },
          request: { verb: 'get', resource: 'secrets' },
        },
      ],
      undecided: [],
    });
  });

  test('ResponseStarted is a stage of requests that stream, and of no other', () => {
    const policy = rules({
      level: 'Metadata',
      verbs: ['get'],
      resources: [{ resources: ['pods', '*/log'] }],
    });
    const without: AuditPolicy = { ...policy, omitStages: ['ResponseStarted'] };
    expect(requestChanges(policy, without).changes).toMatchObject([
      { kind: 'lost', request: { user: null } },
      { kind: 'less', request: { user: 'jane', verb: 'get', subresource: 'log' } },
    ]);
    const noStream = rules({
      level: 'Metadata',
      verbs: ['get'],
      userGroups: ['system:authenticated'],
      resources: [{ resources: ['pods'] }],
    });
    const { changes, undecided } = requestChanges(noStream, { ...noStream, omitStages: ['ResponseStarted'] });
    expect({ changes, undecided }).toEqual({ changes: [], undecided: [] });
  });

  test('a failed login has ResponseStarted alone, and no body but that of the answer', () => {
    const policy = rules({ level: 'Request' });
    const omitting = (...omitStages: string[]): AuditPolicy => ({ ...policy, omitStages });
    const ofNobody = (before: AuditPolicy, after: AuditPolicy) =>
      requestChanges(before, after).changes.filter(({ request }) => request.user === null);
    expect(ofNobody(policy, omitting('RequestReceived', 'ResponseComplete', 'Panic'))).toEqual([]);
    expect(ofNobody(policy, rules({ level: 'Metadata' }))).toEqual([]);
    const users = { level: 'None', userGroups: ['system:authenticated', 'system:unauthenticated'] };
    const answers = rules(users, { level: 'RequestResponse' });
    expect(requestChanges(answers, rules(users, { level: 'Request' })).changes).toMatchObject([
      {
        kind: 'less',
        before: { level: 'RequestResponse' },
        after: { level: 'Metadata', ruleLevel: 'Request' },
        request: { user: null },
      },
    ]);
    expect(requestChanges(answers, { ...answers, omitManagedFields: true }).changes).toEqual([]);
    expect(ofNobody(policy, omitting('ResponseStarted'))).toMatchObject([
      { kind: 'lost', before: { level: 'Metadata', ruleLevel: 'Request', stages: ['ResponseStarted'] } },
    ]);
  });

  test('one pair of rules, two kinds of change', () => {
    const before: AuditPolicy = {
      ...rules({ level: 'Metadata' }),
      omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'],
    };
    const after: AuditPolicy = {
      ...rules({ level: 'Metadata' }),
      omitStages: ['RequestReceived', 'ResponseComplete', 'Panic'],
    };
    expect(requestChanges(before, after).changes).toMatchObject([
      { kind: 'lost', request: { verb: 'get', subresource: '' } },
      { kind: 'mixed', request: { verb: 'watch' } },
      { kind: 'gained', request: { user: null } },
    ]);
  });

  test('rules that are put together otherwise, and record the same', () => {
    const apart = rules(
      { level: 'None', users: ['a'] },
      { level: 'None', users: ['b'] },
      { level: 'Request' },
    );
    const together = rules({ level: 'None', users: ['a', 'b'] }, { level: 'Request' });
    const diff = diffPolicies(apart, together);
    expect(diff).toMatchObject({ isSame: false, requests: { changes: [], undecided: [] } });
    expect(diff.rules.map(({ kind }) => kind)).toEqual(['changed', 'removed']);
  });

  test('another spelling is the same', () => {
    const one = rules({ level: 'None', users: ['a', 'b'], verbs: [] });
    const other: AuditPolicy = { ...rules({ users: ['b', 'a'], level: 'None' }), omitManagedFields: false };
    expect(diffPolicies(one, other)).toMatchObject({ isSame: true, fields: [], rules: [] });
  });

  test('agrees with trying every request', () => {
    const requests = everyRequest()
      .map(identified)
      .flatMap((request) => {
        const { verb, subresource, path } = request;
        return [
          request,
          ...(verb === 'zz' ? [{ ...request, verb: 'watch' }] : []),
          ...(subresource === 'zz' ? [{ ...request, subresource: 'exec' }] : []),
          ...(path === '/zz' ? [{ ...request, path: '/debug/pprof/heap' }] : []),
        ];
      });
    fc.assert(
      fc.property(small, small, (before, after) => {
        const { changes, undecided } = requestChanges(before, after);
        const judged = judge(before, after);
        const expected = requests.map(judged).filter(({ kind }) => kind !== undefined);
        const told = changes.map((one) => ({ kind: one.kind, pair: pairOf(one) }));
        expect(undecided).toEqual([]);
        expect(new Set(told.map(textOf)).size).toBe(told.length);
        expect(new Set(told.map(textOf))).toEqual(new Set(expected.map(textOf)));
        expect(told).toEqual(changes.map(({ request }) => judged(request)));
      }),
      { numRuns: 120 },
    );
  });

  test('every change has a true witness, and a request that changes is among them', () => {
    fc.assert(
      fc.property(
        plainPolicy,
        plainPolicy,
        fc.array(served, { minLength: 20, maxLength: 20 }),
        (before, after, requests) => {
          const { changes } = requestChanges(before, after);
          const judged = judge(before, after);
          expect(changes.map((one) => ({ kind: one.kind, pair: pairOf(one) }))).toEqual(
            changes.map(({ request }) => judged(request)),
          );
          const seen = requests
            .map(identified)
            .map(judged)
            .filter(({ kind }) => kind !== undefined);
          expect(changes.map((one) => textOf({ kind: one.kind, pair: pairOf(one) }))).toEqual(
            expect.arrayContaining(seen.map(textOf)),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('the same fingerprint has no change', () => {
    fc.assert(
      fc.property(plainPolicy, (policy) => {
        expect(requestChanges(policy, structuredClone(policy)).changes).toEqual([]);
      }),
    );
  });

  test('what the bound leaves open is said', () => {
    const many = (level: string) =>
      rules(...Array.from({ length: 60 }, (_, i) => ({ level, userGroups: [`g${i}`] })));
    const { undecided } = requestChanges(many('None'), many('Request'), { maxTotal: 100 });
    expect(undecided).toContainEqual({ before: 0 });
  });
});
