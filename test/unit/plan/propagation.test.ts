import { planCluster } from '../../../src/plan/cluster.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  configMap,
  delivered,
  helmRelease,
  deployment,
  observed,
  policy,
  settings,
  without,
} from './fixtures.ts';

const before = accepted(policy());
const REQUEST = [{ level: 'Request' }];
const wanted = accepted(policy(REQUEST));

/** A cluster that runs the content from before an edit of its policy. */
function edited(annotation: string | undefined, parts: Partial<Observed> = {}): Observed {
  return observed({
    policy: policy(REQUEST, annotation === undefined ? {} : { 'auditpolicy.dev/propagation': annotation }),
    helmRelease: delivered(before.hash),
    configMap: configMap(before),
    keptRevisions: [before.sha256],
    ...parts,
  });
}

function outcome(given: Observed): string {
  const { actions, condition } = planCluster(given, settings);
  if (actions.some(({ type }) => type === 'SetPolicyRef')) return 'started';
  return typeof condition === 'string' ? condition : condition.reason;
}

const FROM_ANOTHER = configMap(before, { annotations: { 'auditpolicy.dev/policy': 'q' } });
const BEGUN = configMap(wanted);

describe('an edit of a policy that is in place', () => {
  test.each([
    ['while fewer than ten others change', edited(undefined, { changesElsewhere: 9 }), 'started'],
    ['while ten others change', edited(undefined, { changesElsewhere: 10 }), 'ChangeQueued'],
    ['with Immediate, whatever changes', edited('Immediate', { changesElsewhere: 10 }), 'started'],
    ['with Hold', edited('Hold'), 'ChangeHeld'],
    ['with a value that nobody defined', edited('immediate'), 'ChangeHeld'],
    ['with an empty value', edited(''), 'ChangeHeld'],
    [
      'that is begun: the ConfigMap is ready for it',
      edited(undefined, { configMap: BEGUN, changesElsewhere: 10 }),
      'started',
    ],
    ['that is begun, then held', edited('Hold', { configMap: BEGUN }), 'started'],
    [
      'when a ConfigMap does not say where it came from',
      edited('Hold', { configMap: configMap(before, { annotations: { 'auditpolicy.dev/policy': '' } }) }),
      'ChangeHeld',
    ],
  ])('%s', (_case, given, expected) => expect(outcome(given)).toBe(expected));
});

describe('not an edit, so never held back', () => {
  test.each([
    ['a first delivery', observed({ policy: policy(REQUEST, { 'auditpolicy.dev/propagation': 'Hold' }) })],
    ['a first delivery while others change', observed({ changesElsewhere: 100 })],
    ['a changed reference', edited('Hold', { configMap: FROM_ANOTHER, changesElsewhere: 10 })],
    [
      'a changed reference while others change',
      edited(undefined, { configMap: FROM_ANOTHER, changesElsewhere: 10 }),
    ],
  ])('%s', (_case, given) => expect(outcome(given)).toBe('started'));
});

test('what is in place is kept right while the edit waits: the old bytes, not the wanted ones', () => {
  const tampered = edited('Hold', { configMap: configMap(before, { data: { policy: 'x' } }) });
  expect(planCluster(tampered, settings).actions).toEqual([
    expect.objectContaining({
      type: 'PatchConfigMap',
      content: { sha256: before.sha256, fromRevision: true },
    }),
  ]);
});

describe('a put-back that was killed between its two writes', () => {
  const annotations = {
    'auditpolicy.dev/helmrelease-before': 'hr-uid/1',
    'auditpolicy.dev/reverted': 'hr-uid/1',
  };
  const half = { helmRelease: helmRelease(), configMap: configMap(before, { annotations }) };

  test('is no first delivery: an edit waits still, and the turn is not counted twice', () => {
    const plan = planCluster(edited(undefined, { ...half, changesElsewhere: 10 }), settings);
    expect(plan.condition).toMatchObject({ reason: 'ChangeQueued' });
    expect(plan.actions).toMatchObject([
      { type: 'PatchConfigMap', reverts: { count: 1 }, content: { sha256: before.sha256 } },
      { type: 'SetPolicyRef', hash: before.hash },
    ]);
  });

  test('of what is wanted is finished by the values alone', () => {
    const plan = planCluster(
      edited(undefined, { ...half, policy: policy(), changesElsewhere: 10 }),
      settings,
    );
    expect(plan.actions).toMatchObject([{ type: 'SetPolicyRef', hash: before.hash }]);
  });
});

test('the policy of a ConfigMap that was restored without knowing it is not guessed', () => {
  const [create] = planCluster(without(edited('Hold'), 'configMap'), settings).actions;
  expect(create).toMatchObject({ type: 'CreateConfigMap', content: { sha256: before.sha256 } });
  expect(create).not.toHaveProperty('policy');
});

test('another policy with the same content: the ConfigMap says so, nothing rolls', () => {
  const given = observed({
    helmRelease: delivered(before.hash),
    configMap: FROM_ANOTHER,
    keptRevisions: [before.sha256],
    changesElsewhere: 10,
  });
  expect(planCluster(given, settings).actions).toMatchObject([{ type: 'PatchConfigMap', policy: 'p' }]);
});

test.each([
  [
    'Hold',
    'The edit of policy "p" (hash 61d03756) is held back: its annotation auditpolicy.dev/propagation is Hold.',
  ],
  [
    'hold',
    'The edit of policy "p" (hash 61d03756) is held back: its annotation auditpolicy.dev/propagation is "hold", which counts as Hold; write Immediate or Hold, or remove it.',
  ],
  [
    undefined,
    'The edit of policy "p" (hash 61d03756) waits for its turn: at most 10 clusters change at a time (--max-concurrent-changes).',
  ],
])('the words for %s', (annotation, message) => {
  const { condition } = planCluster(edited(annotation, { changesElsewhere: 10 }), settings);
  expect(condition).toMatchObject({
    status: 'False',
    message: `${message} What is in place stays: hash da099788.`,
  });
});

test('the words for one at a time', () => {
  const given = edited(undefined, { changesElsewhere: 1, deployment: deployment() });
  const { condition } = planCluster(given, { ...settings, maxConcurrentChanges: 1 });
  expect(condition).toMatchObject({
    message: expect.stringContaining('at most 1 cluster changes at a time') as string,
  });
});

describe('another writer takes the older content out of the values while the edit may not go there', () => {
  const bare = (annotations: Record<string, string> = {}, annotation = 'Hold') =>
    edited(annotation, { helmRelease: helmRelease(), configMap: configMap(before, { annotations }) });

  test.each(['Hold', undefined])('it is put back, and counted (%s)', (annotation) => {
    const given = { ...edited(annotation, { changesElsewhere: 10 }), helmRelease: helmRelease() };
    const { actions, condition } = planCluster(given, settings);
    expect(actions).toMatchObject([
      {
        type: 'PatchConfigMap',
        content: { sha256: before.sha256 },
        policy: 'p',
        before: { uid: 'hr-uid', generation: 1 },
        reverts: { helmReleaseUid: 'hr-uid', count: 1 },
      },
      { type: 'SetPolicyRef', hash: before.hash, overLeftBehind: false },
    ]);
    expect(condition).toMatchObject({ reason: annotation === 'Hold' ? 'ChangeHeld' : 'ChangeQueued' });
  });

  test('a third time: no more', () => {
    const { actions, condition } = planCluster(bare({ 'auditpolicy.dev/reverted': 'hr-uid/2' }), settings);
    expect(actions).toEqual([]);
    expect(condition).toMatchObject({ reason: 'ChangeHeld' });
  });

  test('no copy of it is kept: nothing is put there', () =>
    expect(planCluster({ ...bare(), keptRevisions: [] }, settings).actions).toEqual([]));

  test.each([
    [
      'the reference was cleared and is named anew',
      { 'auditpolicy.dev/released-at': '2026-11-01T11:00:00Z' },
    ],
    ['it was of another policy', { 'auditpolicy.dev/policy': 'q' }],
    ['it was killed before it wrote the values', { 'auditpolicy.dev/helmrelease-before': 'hr-uid/1' }],
  ])('not when %s: that is a first delivery', (_case, annotations) =>
    expect(outcome(bare(annotations))).toBe('started'),
  );

  test('what was taken out is what is wanted: that is no edit, though the ConfigMap was tampered with, too', () => {
    const spoilt = configMap(wanted, { data: { policy: wanted.yaml, x: 'y' } });
    expect(planCluster({ ...bare(), configMap: spoilt }, settings).actions).toMatchObject([
      { type: 'KeepRevision', sha256: wanted.sha256 },
      { type: 'PatchConfigMap', reverts: { count: 1 } },
      { type: 'SetPolicyRef', hash: wanted.hash },
    ]);
  });

  test('nor is it one when the rival has put another hash there', () => {
    const spoilt = configMap(wanted, { data: { policy: wanted.yaml, x: 'y' } });
    const given = { ...bare(), configMap: spoilt, helmRelease: delivered(before.hash, { owners: [] }) };
    expect(planCluster(given, settings).actions[0]).toMatchObject({
      type: 'KeepRevision',
      sha256: wanted.sha256,
    });
  });

  test('when its turn comes, the edit goes there at once', () =>
    expect(planCluster({ ...bare(), policy: policy(REQUEST) }, settings).actions).toMatchObject([
      { type: 'KeepRevision' },
      { type: 'PatchConfigMap', content: { sha256: wanted.sha256 } },
      { type: 'SetPolicyRef', hash: wanted.hash },
    ]));
});
