import { compilePolicy } from '../../../src/policy/evaluate.ts';
import type { PolicyRule } from '../../../src/policy/types.ts';
import type { Unknown } from '../../../src/simulate/result.ts';
import { CATCH_ALL, event, policyOf, resultFor, simulate, simulated, urlEvent, type Json } from './events.ts';

const at = (time: string): Json => ({ requestReceivedTimestamp: time });
const DAY_1 = '2026-01-01T00:00:00.000000Z';
const DAY_2 = '2026-01-02T00:00:00.000000Z';

describe('time', () => {
  test('of a log that tells none nothing is said of a day', () => {
    const { log, policies } = simulate([event(at('')), event({ requestReceivedTimestamp: undefined })], {
      policies: [CATCH_ALL],
    });
    expect(log).toMatchObject({ recorded: { events: 2 }, covered: 0 });
    expect(log).not.toHaveProperty('fromMs');
    expect(policies[0]).not.toHaveProperty('perDay');
    expect(policies[0]?.rules[0]).not.toHaveProperty('perSecond');
    expect(policies[0]?.timeline.bytes).toEqual([]);
  });

  test('of a single moment, too', () => {
    const { log, policies } = simulate([event(at(DAY_1)), event(at(DAY_1))], { policies: [CATCH_ALL] });
    expect(log).toMatchObject({ fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 1), covered: 1 });
    expect(policies[0]).not.toHaveProperty('perDay');
    expect(policies[0]?.timeline.bytes).toEqual([policies[0]?.written.bytes]);
  });

  test('a log of a day tells the figures of a day, and that it has gaps', () => {
    const { log, policies } = simulate([event(at(DAY_1)), event(at(DAY_2)), event(at('no time'))], {
      policies: [CATCH_ALL],
    });
    const [policy] = policies;
    expect(policy?.perDay).toEqual({
      events: policy ? policy.written.events + policy.estimated.events : 0,
      bytes: policy ? policy.written.bytes + policy.estimated.bytes : 0,
    });
    expect(log.covered).toBeLessThan(0.1);
    expect(policy?.timeline.bytes.filter((bytes) => bytes > 0)).toHaveLength(2);
  });

  test('an event counts when it was written, however long ago its request came in', () => {
    const old = { requestReceivedTimestamp: '2025-12-01T00:00:00.000000Z', stageTimestamp: DAY_2 };
    const { log, policies } = simulate([event(at(DAY_1)), event(old)], { policies: [CATCH_ALL] });
    expect(log).toMatchObject({ fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2) });
    const [policy] = policies;
    expect(policy?.perDay?.bytes).toBe(policy ? policy.written.bytes + policy.estimated.bytes : 0);
  });

  test('how long the log directory lasts is told of one API server of several', () => {
    const plan = { policies: [CATCH_ALL] };
    const simulator = simulated([event(at(DAY_1)), event(at(DAY_2))], plan);
    const [policy] = resultFor(simulator, plan, { retained: 7000, servers: 2 }).policies;
    expect(policy?.retentionDays).toBeCloseTo(7000 / ((policy?.perDay?.bytes ?? 0) / 2), 9);
    expect(resultFor(simulator, plan).policies[0]).not.toHaveProperty('retentionDays');
  });
});

describe('a rule', () => {
  test('counts what it decides, once each request, and names who and what', () => {
    const policy = policyOf(
      { level: 'None', users: ['joe'] },
      { level: 'Metadata', omitStages: ['RequestReceived'] },
      { level: 'Request' },
    );
    const { policies } = simulate(
      [
        event({ stage: 'RequestReceived' }),
        event(),
        event({ user: { username: 'joe' } }),
        event({ stage: 'Panic' }),
      ],
      { policies: [policy] },
    );
    const [joe, all, dead, none] = policies[0]?.rules ?? [];
    expect(joe).toMatchObject({
      rule: 0,
      requests: 1,
      seen: { events: 1 },
      written: { events: 0, bytes: 0 },
      topUsers: [{ name: 'joe', events: 1 }],
      isDead: false,
    });
    expect(all).toMatchObject({
      rule: 1,
      requests: 2,
      seen: { events: 3 },
      written: { events: 2 },
      topUsers: [{ name: 'jane', events: 2 }],
      topResources: [{ name: 'configmaps', events: 2 }],
    });
    expect(dead).toMatchObject({ rule: 2, isDead: true, unknown: [{ reason: 'unreachable' }] });
    expect(none).toMatchObject({ rule: -1, requests: 0, seen: { events: 0 } });
  });

  test('a failed login counts, though it has an event at ResponseStarted only', () => {
    const { policies } = simulate(
      [event({ user: {}, stage: 'ResponseStarted', responseStatus: { code: 401 } })],
      { policies: [CATCH_ALL] },
    );
    expect(policies[0]?.rules[0]).toMatchObject({
      requests: 1,
      topUsers: [{ name: 'no user (401)' }],
      estimated: { events: 0 },
    });
  });

  test('stages that the log has not at all are estimated', () => {
    const { policies } = simulate([event(), event()], {
      policies: [CATCH_ALL, { ...CATCH_ALL, omitStages: ['RequestReceived'] }],
    });
    expect(policies.map(({ estimated }) => estimated.events)).toEqual([2, 0]);
  });

  test('bodies are judged by those of requests alike, and where there are none that is said', () => {
    const body = (size: number) => ({ requestObject: { data: 'x'.repeat(size) } });
    const update = { verb: 'update', level: 'Request' };
    const known = [100, 110, 120, 130, 140].map((size) =>
      event({ ...update, ...body(size), user: { username: 'joe' } }),
    );
    const lines = [...known, event({ verb: 'update' }), event({ verb: 'update' }), event({ verb: 'patch' })];
    const { policies } = simulate(lines, { policies: [policyOf({ level: 'Request' })] });
    const [rule] = policies[0]?.rules ?? [];
    const each = JSON.stringify(body(120)).length - 1;
    const received = rule ? rule.estimated.bytes - 2 * each : 0;
    // Of each request the event at RequestReceived is estimated, too.
    expect(rule?.estimated.events).toBe(lines.length);
    expect(received).toBeGreaterThan(0);
    expect(rule?.unknown).toContainEqual({
      reason: 'bodies',
      message: expect.stringContaining('patch configmaps') as string,
    });
  });
});

describe('what the log cannot tell', () => {
  const WIDE: PolicyRule = { level: 'RequestResponse' };
  const reasons = (unknown: readonly Unknown[] | undefined) =>
    unknown?.map(({ reason }) => reason).toSorted();

  test.each<[string, PolicyRule[], string[]]>([
    ['all', [WIDE], []],
    ['not some user', [{ level: 'None', users: ['joe'] }, WIDE], ['unrecorded']],
    ['not what no rule takes', [{ ...WIDE, verbs: ['get'] }], ['unrecorded']],
    ['without a stage', [{ ...WIDE, omitStages: ['RequestReceived'] }], ['stages']],
    ['without managed fields', [{ ...WIDE, omitManagedFields: true }], ['managed-fields']],
    [
      'without all that',
      [
        { level: 'None', users: ['joe'] },
        { ...WIDE, omitStages: ['Panic'], omitManagedFields: true },
      ],
      ['managed-fields', 'stages', 'unrecorded'],
    ],
  ])('recorded with a policy that writes %s', (_, rules, expected) => {
    const { policies, log } = simulate([event({ level: 'RequestResponse' })], {
      policies: [policyOf(WIDE)],
      recordedWith: policyOf(...rules),
    });
    expect(reasons(policies[0]?.rules[0]?.unknown)).toEqual(expected);
    expect(log.recordedWith).toEqual({ title: 'recorder', disagreeing: 0 });
  });

  test('the request that is named is one: the policy writes it, the recorder does not', () => {
    const recordedWith = policyOf(
      {
        level: 'None',
        users: ['joe'],
        verbs: ['list'],
        resources: [{ group: 'apps', resources: ['deployments'] }],
      },
      { level: 'Metadata' },
    );
    const { policies } = simulate([event()], { policies: [CATCH_ALL], recordedWith });
    const [unknown] = policies[0]?.rules[0]?.unknown ?? [];
    expect(unknown?.message).toMatch(/user=joe .*verb=list deployments\.apps .*\(its rules\[0\]\)/);
    const witness = {
      user: 'joe',
      groups: [],
      verb: 'list',
      namespace: '',
      apiGroup: 'apps',
      apiVersion: 'v1',
      resource: 'deployments',
      subresource: '',
      name: '',
      path: '/apis/apps/v1/deployments',
      isResourceRequest: true,
    };
    expect(compilePolicy(recordedWith)(witness).level).toBe('None');
  });

  test('no recording policy: any of it', () => {
    const { policies, log } = simulate([event()], { policies: [policyOf(WIDE)] });
    expect(reasons(policies[0]?.rules[0]?.unknown)).toEqual(['bodies', 'recorder']);
    expect(log).not.toHaveProperty('recordedWith');
  });

  test('events that the named policy would not have written so are counted, and the first is named', () => {
    const recordedWith = policyOf(
      { level: 'None', users: ['joe'] },
      { level: 'Metadata', omitStages: ['RequestReceived'] },
    );
    const lines = [
      event(),
      event({ level: 'Request' }),
      event({ user: { username: 'joe' } }),
      event({ stage: 'RequestReceived' }),
      event(),
    ];
    const { log } = simulate(lines, { policies: [CATCH_ALL], recordedWith });
    expect(log.recordedWith).toEqual({
      title: 'recorder',
      disagreeing: 3,
      example: { file: 'block 0', line: 2 },
    });
  });
});

describe('a comparison', () => {
  test('counts requests that are lost, gained, or have other bodies, with the first of each as example', () => {
    const before = policyOf(
      { level: 'None', verbs: ['watch'] },
      { level: 'Request', verbs: ['create'] },
      { level: 'Metadata' },
    );
    const after = policyOf(
      { level: 'None', verbs: ['get'] },
      { level: 'RequestResponse', verbs: ['update'] },
      { level: 'Metadata' },
    );
    const name = (name: string) => `/api/v1/namespaces/day/configmaps/${name}`;
    const lines = [
      event({ requestURI: name('received'), stage: 'RequestReceived' }),
      event({ requestURI: name('first') }),
      event({ requestURI: name('second') }),
      event({ verb: 'watch', stage: 'ResponseStarted' }),
      event({ verb: 'watch', objectRef: { resource: 'configmaps', name: 'watched' } }),
      event({ verb: 'create', level: 'Request', requestObject: {} }),
      event({ verb: 'update', stage: 'Panic' }),
      event({ verb: 'delete' }),
      urlEvent('/healthz/etcd', { verb: 'get' }),
    ];
    const [comparison] = simulate(lines, { policies: [before, after] }).comparisons;
    expect(comparison).toMatchObject({ from: 0, to: 1, lost: 3, gained: 1, lessBody: 1, moreBody: 1 });
    expect(
      comparison?.changes.map(({ kind, requests, verb, resource, before, after, example }) => [
        kind,
        requests,
        verb,
        resource,
        before.rule,
        after.rule,
        example.name,
      ]),
    ).toEqual([
      ['lost', 2, 'get', 'configmaps', 2, 0, 'first'],
      ['lost', 1, 'get', '/healthz', 2, 0, ''],
      ['less-body', 1, 'create', 'configmaps', 1, 2, 'web'],
      ['more-body', 1, 'update', 'configmaps', 2, 1, 'web'],
      ['gained', 1, 'watch', 'configmaps', 0, 2, 'watched'],
    ]);
  });

  test('of a policy with itself tells no change', () => {
    const [comparison] = simulate([event(), event({ verb: 'create' })], {
      policies: [CATCH_ALL, CATCH_ALL],
    }).comparisons;
    expect(comparison).toMatchObject({
      lost: 0,
      gained: 0,
      lessBody: 0,
      moreBody: 0,
      changes: [],
      detections: [],
    });
  });
});
