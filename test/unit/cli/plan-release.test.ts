import { planRelease } from '../../../src/cli/release/plan-release.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  configMap,
  delivered,
  deployment,
  helmRelease,
  inPlaceOf,
  policy,
  SETTLED,
  without,
} from '../plan/fixtures.ts';

const metadata = accepted(policy());
const inPlace = inPlaceOf(metadata);
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };
const FAILED = { ...SETTLED, conditions: [{ type: 'Stalled', status: 'True', reason: 'RetriesExceeded' }] };
const marked = configMap(metadata, {
  annotations: { 'auditpolicy.dev/released-at': '2026-11-01T11:59:59Z' },
});
const takenOut = { ...inPlace, helmRelease: helmRelease(), configMap: marked };

const rows: [state: string, given: Observed, step: string][] = [
  ['in place, though it is still named', inPlace, 'write MarkReleased,ReleasePolicyRef'],
  ['taken out, not settled', { ...takenOut, helmRelease: helmRelease({ status: ROLLING }) }, 'wait'],
  ['taken out, settled: no retention', takenOut, 'write DeleteConfigMap'],
  [
    'taken out, and the roll-out has failed',
    { ...takenOut, helmRelease: helmRelease({ status: FAILED }) },
    'failed',
  ],
  [
    'taken out, suspended meanwhile',
    { ...takenOut, helmRelease: helmRelease({ spec: { suspend: true } }) },
    'left',
  ],
  ['nothing is left', without(takenOut, 'configMap'), 'done'],
  ['no HelmRelease any more', without(takenOut, 'helmRelease'), 'done'],
  [
    'a roll-out of ours is under way',
    { ...inPlace, helmRelease: delivered(metadata.hash, { status: ROLLING }) },
    'wait',
  ],
  ['suspended', { ...inPlace, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) }, 'left'],
  [
    'the ClusterDeployment is being deleted',
    { ...inPlace, deployment: { ...inPlace.deployment, deleting: true } },
    'done',
  ],
  ['spec.dryRun', { ...inPlace, deployment: deployment({ auditPolicy: 'p', dryRun: true }) }, 'left'],
  [
    'paused: the person who asks means it',
    { ...inPlace, deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/paused': 'true' }) },
    'write MarkReleased,ReleasePolicyRef',
  ],
  [
    'a reference that nobody knows',
    without({ ...inPlace, helmRelease: delivered('00000000', { owners: [] }) }, 'configMap'),
    'left',
  ],
  [
    'a reference that another applies',
    {
      ...inPlace,
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'gitops', operation: 'Apply', time: '2026-11-01T11:50:00Z' }],
      }),
    },
    'left',
  ],
  [
    'KCM manages it',
    {
      ...inPlace,
      kcmPresent: true,
      helmRelease: delivered(metadata.hash, {
        metadata: { labels: { 'k0rdent.mirantis.com/managed': 'true' } },
      }),
    },
    'done',
  ],
];

test.each(rows)('%s', (_, given, expected) => {
  const step = planRelease(given);
  expect(step.type === 'write' ? `write ${step.actions.map(({ type }) => type).join()}` : step.type).toBe(
    expected,
  );
});
