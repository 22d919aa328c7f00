import { readClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { planPolicyStatus } from '../../../src/plan/policy-status.ts';
import { NOW } from './fixtures.ts';

const COUNTS = { clusters: 3, clustersInPlace: 2 };

/** A status is written when any part of it is wrong, and only then. */

const read = (rules: unknown, status: unknown = {}) =>
  readClusterAuditPolicy({
    metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: '1', generation: 4 },
    spec: { policy: { rules } },
    status,
  });
const GOOD = [{ level: 'Metadata' }];
const BAD = [{ level: 'Metdt' }];
const written = (rules: unknown) => {
  const { status } = planPolicyStatus(read(rules), COUNTS, NOW);
  if (status === undefined) throw new Error('a status is expected');
  return status;
};
const good = written(GOOD);
const bad = written(BAD);
const [ready, stalled] = bad.conditions;

test.each([
  ['accepted', GOOD, good],
  ['refused', BAD, bad],
])('%s, and it says so already: nothing is written and nothing told', (_case, rules, status) =>
  expect(planPolicyStatus(read(rules, status), COUNTS, NOW + 1)).toEqual({ isOnlyCounts: false, events: [] }),
);

test.each<[string, unknown, object, object]>([
  ['the generation', GOOD, good, { observedGeneration: 3 }],
  ['the hash', GOOD, good, { hash: 'x' }],
  ['the digest', GOOD, good, { sha256: 'x' }],
  ['the rules', GOOD, good, { rules: 2 }],
  ['no condition', GOOD, good, { conditions: [] }],
  ['another message', GOOD, good, { conditions: [{ ...good.conditions[0], message: 'x' }] }],
  ['a stall that is over', GOOD, good, { conditions: [...good.conditions, stalled] }],
  ['a hash left of better days', BAD, bad, { hash: good.hash }],
  ['a digest left of better days', BAD, bad, { sha256: good.sha256 }],
  ['rules left of better days', BAD, bad, { rules: 1 }],
  ['only one of two conditions', BAD, bad, { conditions: [ready] }],
  ['one of two conditions is wrong', BAD, bad, { conditions: [ready, { ...stalled, status: 'False' }] }],
  ['one of two conditions comes twice', BAD, bad, { conditions: [ready, ready] }],
])('written anew when it is wrong in %s', (_case, rules, status, change) =>
  expect(planPolicyStatus(read(rules, { ...status, ...change }), COUNTS, NOW).status).toEqual(status),
);

test('refused in the same words, it is told once', () => {
  const { status, events } = planPolicyStatus(read(BAD, { ...bad, observedGeneration: 3 }), COUNTS, NOW);
  expect(status).toEqual(bad);
  expect(events).toEqual([]);
});

test.each([
  ['refused in other words', { conditions: [{ ...ready, message: 'other words' }] }],
  ['accepted', good],
  ['stalled with those words, but not refused with them', { conditions: [{ ...ready, type: 'Stalled' }] }],
])('after it was %s, it is told', (_case, status) =>
  expect(planPolicyStatus(read(BAD, status), COUNTS, NOW).events).toEqual([
    { reason: 'PolicyRefused', message: ready?.message },
  ]),
);

test('both conditions of a refused policy, whole', () =>
  expect(bad.conditions).toEqual([
    {
      type: 'Ready',
      status: 'False',
      reason: 'Refused',
      message: expect.stringContaining('Metadata') as string,
      lastTransitionTime: '2026-11-01T12:00:00Z',
      observedGeneration: 4,
    },
    {
      type: 'Stalled',
      status: 'True',
      reason: 'Refused',
      message: 'Delivered nowhere until the policy is changed.',
      lastTransitionTime: '2026-11-01T12:00:00Z',
      observedGeneration: 4,
    },
  ]));

test('the first errors and warnings are shown each among their own', () => {
  const both = { kind: 'Policy', rules: BAD };
  const { status } = planPolicyStatus(
    readClusterAuditPolicy({ metadata: { name: 'p' }, spec: { policy: both } }),
    COUNTS,
    NOW,
  );
  expect(status?.conditions[0]?.message).not.toContain('kind');
});
