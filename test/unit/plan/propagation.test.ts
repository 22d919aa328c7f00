import { planCluster } from '../../../src/plan/cluster.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  configMap,
  delivered,
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
