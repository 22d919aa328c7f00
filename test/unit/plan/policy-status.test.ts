import { readClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { planPolicyStatus } from '../../../src/plan/policy-status.ts';
import { NOW } from './fixtures.ts';

const read = (policy: unknown, status: unknown = {}, generation = 1) =>
  readClusterAuditPolicy({
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', generation },
    spec: { policy },
    status,
  });
const GOOD = { rules: [{ level: 'None' }, { level: 'Metadata' }] };
const BAD = { rules: [{ level: 'Metdt' }] };

describe('planPolicyStatus', () => {
  test('accepted', () => {
    const { status, events } = planPolicyStatus(read(GOOD), NOW);
    expect(status).toMatchObject({
      observedGeneration: 1,
      rules: 2,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Accepted',
          message: expect.stringMatching(/^2 rules, hash [0-9a-f]{8}\.$/) as string,
          lastTransitionTime: '2026-11-01T12:00:00Z',
          observedGeneration: 1,
        },
      ],
    });
    expect(status?.sha256?.startsWith(status.hash ?? '?')).toBe(true);
    expect(events).toEqual([]);
  });

  test('one rule is one rule; warnings go into the message', () => {
    const { status } = planPolicyStatus(read({ kind: 'Policy', rules: [{ level: 'None' }] }), NOW);
    expect(status?.conditions[0]?.message).toMatch(/^1 rule, hash 5321b167\. .*kind/);
  });

  test('refused: no digests, Ready=False, Stalled=True, and one Event', () => {
    const { status, events } = planPolicyStatus(read(BAD), NOW);
    expect(status).not.toHaveProperty('hash');
    expect(status?.conditions.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'Ready=False',
      'Stalled=True',
    ]);
    expect(events).toEqual([{ reason: 'PolicyRefused', message: status?.conditions[0]?.message }]);
  });

  test.each([
    ['accepted', GOOD],
    ['refused', BAD],
  ])('says nothing twice: %s', (_case, policy) => {
    const { status } = planPolicyStatus(read(policy), NOW);
    expect(planPolicyStatus(read(policy, status), NOW + 1000)).toEqual({ events: [] });
  });

  test('a new generation is written, but what stays true keeps its transition time', () => {
    const { status } = planPolicyStatus(read(GOOD), NOW);
    const next = planPolicyStatus(read(GOOD, status, 2), NOW + 60_000);
    expect(next.status).toMatchObject({
      observedGeneration: 2,
      conditions: [{ lastTransitionTime: '2026-11-01T12:00:00Z', observedGeneration: 2 }],
    });
  });

  test('refused for the same reason in a new generation: the status, but no second Event', () => {
    const { status } = planPolicyStatus(read(BAD), NOW);
    const next = planPolicyStatus(read(BAD, status, 2), NOW);
    expect(next.status?.observedGeneration).toBe(2);
    expect(next.events).toEqual([]);
  });

  test('a change of status moves the transition time', () => {
    const { status } = planPolicyStatus(read(GOOD), NOW);
    const next = planPolicyStatus(read(BAD, status, 2), NOW + 60_000);
    expect(next.status?.conditions[0]?.lastTransitionTime).toBe('2026-11-01T12:01:00Z');
  });
});
