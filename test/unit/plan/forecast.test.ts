import { planCluster } from '../../../src/plan/cluster.ts';
import { forecast } from '../../../src/plan/forecast.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  configMap,
  delivered,
  deployment,
  helmRelease,
  inPlaceOf,
  observed,
  policy,
  settings,
  SETTLED,
  without,
} from './fixtures.ts';

const metadata = accepted(policy());
const inPlace = inPlaceOf(metadata);
const leftByKcm = configMap(metadata, {
  labels: {},
  annotations: { 'auditpolicy.dev/cluster-deployment-uid': '' },
});

/** What was said of it before. */
function said(given: Observed): Observed {
  const { condition } = planCluster(given, settings);
  if (typeof condition === 'string') throw new Error('nothing is said of it');
  const conditions = [{ ...condition, lastTransitionTime: '2026-11-01T11:00:00Z' }];
  return { ...given, deployment: deployment({ auditPolicy: 'p' }, { conditions }) };
}

const rows: [state: string, given: Observed, outlook: string, willRoll: boolean, reason?: string][] = [
  ['all is right', said(inPlace), 'nothing', false],
  ['all is right, but not yet said', inPlace, 'condition', false],
  [
    'KCM has left what is wanted',
    { ...inPlace, configMap: leftByKcm, keptRevisions: [] },
    'configMap',
    false,
  ],
  ['nothing is there yet', observed(), 'rolls', true],
  ['another content is in place', observed({ helmRelease: delivered('00000000') }), 'rolls', true],
  [
    'the reference is cleared, the values still name it',
    without({ ...inPlace, deployment: deployment({}) }, 'policy'),
    'rolls',
    true,
  ],
  ['no HelmRelease', without(observed(), 'helmRelease'), 'waits', false, 'HelmReleaseNotFound'],
  [
    'suspended before a change',
    observed({ helmRelease: helmRelease({ spec: { suspend: true } }) }),
    'waits',
    true,
    'HelmReleaseSuspended',
  ],
  [
    'an edit that is held',
    observed({
      policy: policy(undefined, { 'auditpolicy.dev/propagation': 'Hold' }),
      helmRelease: delivered('00000000'),
    }),
    'waits',
    true,
    'ChangeHeld',
  ],
  [
    'a roll-out under way',
    observed({ helmRelease: delivered('00000000', { status: { ...SETTLED, observedGeneration: 0 } }) }),
    'waits',
    true,
    'RollInProgress',
  ],
  [
    'paused',
    observed({ deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/paused': 'true' }) }),
    'waits',
    false,
    'Paused',
  ],
  ['a refused policy', observed({ policy: policy([]) }), 'refused', false, 'PolicyRefused'],
  ['a missing policy', without(observed(), 'policy'), 'refused', false, 'PolicyNotFound'],
  [
    'a foreign ConfigMap',
    observed({ configMap: configMap(metadata, { labels: {}, data: { policy: 'x' } }) }),
    'refused',
    false,
    'NameConflict',
  ],
  [
    'KCM manages it',
    observed({
      kcmPresent: true,
      helmRelease: helmRelease({ metadata: { labels: { 'k0rdent.mirantis.com/managed': 'true' } } }),
    }),
    'observer',
    false,
  ],
];

const cases = rows.map(([state, given, outlook, willRoll, reason]) => ({
  state,
  given,
  expected: { outlook, willRoll, reason },
}));

test.each(cases)('$state', ({ given, expected }) => {
  const { outlook, willRoll, reason } = forecast(given, planCluster(given, settings));
  expect({ outlook, willRoll, reason }).toEqual(expected);
});

test.each([
  [1, 'The control plane has 1 node'],
  [2, 'The control plane has 2 nodes, an even number'],
  [3, undefined],
])('%d control-plane nodes', (controlPlaneNumber, warning) => {
  const given = observed({ helmRelease: helmRelease({ values: { controlPlaneNumber } }) });
  const found = forecast(given, planCluster(given, settings)).warning;
  expect(found?.slice(0, warning?.length)).toBe(warning);
});

test('what does not roll has no warning', () => {
  const given = {
    ...inPlace,
    deployment: deployment({ auditPolicy: 'p', config: { controlPlaneNumber: 1 } }),
  };
  expect(forecast(given, planCluster(given, settings)).warning).toBeUndefined();
});
