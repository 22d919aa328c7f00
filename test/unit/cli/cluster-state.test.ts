import { clusterState } from '../../../src/cli/fleet/cluster-state.ts';
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
} from '../plan/fixtures.ts';

const metadata = accepted(policy());
const inPlace = inPlaceOf(metadata);
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };
const FAILED = { ...SETTLED, conditions: [{ type: 'Stalled', status: 'True', reason: 'RetriesExceeded' }] };
const MANAGED = { labels: { 'k0rdent.mirantis.com/managed': 'true' } };
const cleared = without({ ...inPlace, deployment: deployment({}) }, 'policy');

function saying(reason: string, message: string) {
  const conditions = [{ type: 'ClusterAuditPolicyReady', status: 'False', reason, message }];
  return deployment({ auditPolicy: 'p' }, { conditions });
}

const cases: { state: string; given: Observed; ok: boolean; message?: string; isPruned?: true }[] = [
  { state: 'InPlace', given: inPlace, ok: true, message: '' },
  {
    state: 'RollingOut',
    given: { ...inPlace, helmRelease: delivered(metadata.hash, { status: ROLLING }) },
    ok: false,
  },
  {
    state: 'RollOutFailed',
    given: { ...inPlace, helmRelease: delivered(metadata.hash, { status: FAILED }) },
    ok: false,
    message: 'Flux failed to roll hash da099788 out on HelmRelease "c": Stalled (RetriesExceeded).',
  },
  {
    state: 'HelmReleaseSuspended',
    given: { ...inPlace, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) },
    ok: false,
  },
  { state: 'Pending', given: observed(), ok: false },
  {
    state: 'ChangeQueued',
    given: observed({ deployment: saying('ChangeQueued', 'It waits for its turn.') }),
    ok: false,
    message: 'It waits for its turn.',
  },
  // What a plan finds by itself is told anew: the operator may have said it long ago.
  { state: 'Pending', given: observed({ deployment: saying('PolicyNotFound', 'old') }), ok: false },
  { state: 'PolicyRefused', given: observed({ policy: policy([]) }), ok: false },
  { state: 'NoPolicy', given: without(observed({ deployment: deployment({}) }), 'policy'), ok: true },
  { state: 'Clearing', given: cleared, ok: false },
  {
    state: 'HelmReleaseSuspended',
    given: { ...cleared, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) },
    ok: false,
  },
  { state: 'Cleared', given: { ...cleared, helmRelease: helmRelease() }, ok: true },
  {
    state: 'Deleting',
    given: { ...inPlace, deployment: { ...inPlace.deployment, deleting: true } },
    ok: true,
  },
  { state: 'Impossible', given: inPlace, isPruned: true, ok: false },
  {
    state: 'InPlace',
    given: { ...inPlace, kcmPresent: true, helmRelease: delivered(metadata.hash, { metadata: MANAGED }) },
    ok: true,
  },
  {
    state: 'NotWritten',
    given: without(
      observed({ kcmPresent: true, helmRelease: helmRelease({ metadata: MANAGED }) }),
      'configMap',
    ),
    ok: false,
  },
];

test.each(cases)('$state', ({ given, state, ok, message, isPruned = false }) => {
  const found = clusterState(given, settings, isPruned);
  expect({ state: found.state, ok: found.ok }).toEqual({ state, ok });
  expect(found.message).toBe(message ?? found.message);
  expect(found.message === '').toBe(found.state === 'InPlace' || found.state === 'NoPolicy');
});

test('where there is nothing, JSON says null', () => {
  const found = clusterState(
    without(observed({ deployment: deployment({}) }), 'policy', 'helmRelease'),
    settings,
    false,
  );
  expect(found).toMatchObject({ policy: null, configMap: null, helmRelease: null });
  expect(clusterState(observed({ policy: policy([]) }), settings, false).policy).toEqual({
    name: 'p',
    hash: null,
  });
});

describe('the roll-out', () => {
  const rollOut = (given: Observed) => clusterState(given, settings, false).helmRelease?.rollOut;
  const rolling = { status: ROLLING };

  test('is none before anything was written, whatever else Flux does there', () => {
    const fresh = without(observed({ helmRelease: helmRelease(rolling) }), 'configMap');
    expect(rollOut(fresh)).toBeNull();
    expect(rollOut({ ...fresh, configMap: configMap(metadata) })).toBeNull();
    expect(rollOut(without({ ...fresh, deployment: deployment({}) }, 'policy'))).toBeNull();
  });

  test('is under way once the values name a policy, and when they no longer do', () => {
    expect(rollOut({ ...inPlace, helmRelease: delivered(metadata.hash, rolling) })).toBe('underWay');
    expect(rollOut({ ...cleared, helmRelease: helmRelease(rolling) })).toBe('underWay');
    expect(rollOut({ ...cleared, helmRelease: helmRelease() })).toBe('done');
  });
});
