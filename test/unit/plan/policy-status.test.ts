import { readClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { planPolicyStatus } from '../../../src/plan/policy-status.ts';
import { NOW } from './fixtures.ts';

const COUNTS = { clusters: 3, clustersInPlace: 2 };

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
    const { status, events } = planPolicyStatus(read(GOOD), COUNTS, NOW);
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
    const { status } = planPolicyStatus(read({ kind: 'Policy', rules: [{ level: 'None' }] }), COUNTS, NOW);
    expect(status?.conditions[0]?.message).toMatch(/^1 rule, hash 5321b167\. .*kind/);
  });

  test('refused: no digests, Ready=False, Stalled=True, and one Event', () => {
    const { status, events } = planPolicyStatus(read(BAD), COUNTS, NOW);
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
    const { status } = planPolicyStatus(read(policy), COUNTS, NOW);
    expect(planPolicyStatus(read(policy, status), COUNTS, NOW + 1000)).toEqual({
      isOnlyCounts: false,
      events: [],
    });
  });

  test('a new generation is written, but what stays true keeps its transition time', () => {
    const { status } = planPolicyStatus(read(GOOD), COUNTS, NOW);
    const next = planPolicyStatus(read(GOOD, status, 2), COUNTS, NOW + 60_000);
    expect(next.status).toMatchObject({
      observedGeneration: 2,
      conditions: [{ lastTransitionTime: '2026-11-01T12:00:00Z', observedGeneration: 2 }],
    });
  });

  test('refused for the same reason in a new generation: the status, but no second Event', () => {
    const { status } = planPolicyStatus(read(BAD), COUNTS, NOW);
    const next = planPolicyStatus(read(BAD, status, 2), COUNTS, NOW);
    expect(next.status?.observedGeneration).toBe(2);
    expect(next.events).toEqual([]);
  });

  test('a change of status moves the transition time', () => {
    const { status } = planPolicyStatus(read(GOOD), COUNTS, NOW);
    const next = planPolicyStatus(read(BAD, status, 2), COUNTS, NOW + 60_000);
    expect(next.status?.conditions[0]?.lastTransitionTime).toBe('2026-11-01T12:01:00Z');
  });
});

describe('counts of clusters', () => {
  const { status } = planPolicyStatus(read(GOOD), COUNTS, NOW);

  test('stand in the status', () => expect(status).toMatchObject(COUNTS));

  test.each([{ clusters: 4 }, { clustersInPlace: 3 }])('new ones are written, and can wait: %o', (change) => {
    const counts = { ...COUNTS, ...change };
    const next = planPolicyStatus(read(GOOD, status), counts, NOW);
    expect(next).toEqual({ status: { ...status, ...counts }, isOnlyCounts: true, events: [] });
  });

  test('go along with a new verdict, which cannot wait', () => {
    const counts = { clusters: 0, clustersInPlace: 0 };
    const next = planPolicyStatus(read(BAD, status, 2), counts, NOW);
    expect(next.status).toMatchObject(counts);
    expect(next.isOnlyCounts).toBe(false);
  });
});

describe('annotations', () => {
  const annotated = (annotations: object, status: unknown = {}) =>
    readClusterAuditPolicy({
      metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 1, annotations },
      spec: { policy: GOOD },
      status,
    });

  test('a request for another look is acknowledged, at once and once', () => {
    const { status: before } = planPolicyStatus(read(GOOD), COUNTS, NOW);
    const asked = { 'reconcile.fluxcd.io/requestedAt': 'now' };
    const next = planPolicyStatus(annotated(asked, before), COUNTS, NOW);
    expect(next).toMatchObject({ status: { lastHandledReconcileAt: 'now' }, isOnlyCounts: false });
    expect(planPolicyStatus(annotated(asked, next.status), COUNTS, NOW)).not.toHaveProperty('status');
  });

  test.each([
    ['Hold', 'Edits are held back: its annotation auditpolicy.dev/propagation is Hold.'],
    ['later', 'is "later", which counts as Hold; write Immediate or Hold, or remove it.'],
  ])('an edit that is held back is told: %s', (value, words) => {
    const { status } = planPolicyStatus(annotated({ 'auditpolicy.dev/propagation': value }), COUNTS, NOW);
    expect(status?.conditions[0]?.message).toContain(words);
  });

  test('Immediate is nothing to tell', () => {
    const { status } = planPolicyStatus(
      annotated({ 'auditpolicy.dev/propagation': 'Immediate' }),
      COUNTS,
      NOW,
    );
    expect(status?.conditions[0]?.message).toMatch(/hash [0-9a-f]{8}\.$/);
  });
});
