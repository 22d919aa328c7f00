import { planCluster } from '../../../src/plan/cluster.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  NOW,
  SETTLED,
  accepted,
  configMap,
  delivered,
  deployment,
  helmRelease,
  observed,
  policy,
  settings,
  without,
} from './fixtures.ts';

const metadata = accepted(policy());
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };
const none = without(observed({ deployment: deployment({}) }), 'policy');
const named: Observed = {
  ...none,
  helmRelease: delivered(metadata.hash),
  configMap: configMap(metadata),
  keptRevisions: [metadata.sha256],
};
const releasedAt = (iso: string) =>
  configMap(metadata, { annotations: { 'auditpolicy.dev/released-at': iso } });

const rows: {
  state: string;
  given: Observed;
  actions: string[];
  condition: string;
  requeueAfterMs?: number;
}[] = [
  { state: 'no policy, nothing in place', given: none, actions: [], condition: 'remove' },
  {
    state: 'cleared: values first, the ConfigMap is only marked',
    given: named,
    actions: ['MarkReleased', 'ReleasePolicyRef'],
    condition: 'remove',
    requeueAfterMs: 60 * 60_000,
  },
  {
    state: 'killed after the values: the mark follows',
    given: { ...named, helmRelease: helmRelease() },
    actions: ['MarkReleased'],
    condition: 'remove',
    requeueAfterMs: 60 * 60_000,
  },
  {
    state: 'the retention runs',
    given: { ...named, helmRelease: helmRelease(), configMap: releasedAt('2026-11-01T11:30:00Z') },
    actions: [],
    condition: 'remove',
    requeueAfterMs: 30 * 60_000,
  },
  {
    state: 'the retention has passed, but Flux has not settled without it',
    given: {
      ...named,
      helmRelease: helmRelease({ status: ROLLING }),
      configMap: releasedAt('2026-11-01T10:00:00Z'),
    },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'the retention has passed and Flux has settled',
    given: { ...named, helmRelease: helmRelease(), configMap: releasedAt('2026-11-01T10:00:00Z') },
    actions: ['DeleteConfigMap'],
    condition: 'remove',
  },
  {
    state: 'the retention has passed while the API server was out of sight: it runs anew',
    given: {
      ...named,
      helmRelease: helmRelease(),
      configMap: releasedAt('2026-11-01T10:00:00Z'),
      outOfSightUntil: NOW - 10 * 60_000,
    },
    actions: [],
    condition: 'remove',
    requeueAfterMs: 50 * 60_000,
  },
  {
    state: 'a mark that lies ahead: made anew, or it would never end',
    given: { ...named, helmRelease: helmRelease(), configMap: releasedAt('9999-12-31T00:00:00Z') },
    actions: ['MarkReleased'],
    condition: 'remove',
    requeueAfterMs: 60 * 60_000,
  },
  {
    state: 'the ConfigMap is going away already, and a finalizer keeps it',
    given: {
      ...named,
      helmRelease: helmRelease(),
      configMap: { ...releasedAt('2026-11-01T10:00:00Z'), deleting: true },
    },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'the HelmRelease is gone: its owner reference sees to the ConfigMap',
    given: without({ ...named, configMap: releasedAt('2026-11-01T10:00:00Z') }, 'helmRelease'),
    actions: [],
    condition: 'remove',
  },
  {
    state: 'cleared while suspended',
    given: { ...named, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) },
    actions: [],
    condition: 'False HelmReleaseSuspended',
  },
  {
    state: 'cleared while a roll-out is under way',
    given: { ...named, helmRelease: delivered(metadata.hash, { status: ROLLING }) },
    actions: [],
    condition: 'False RollInProgress',
    requeueAfterMs: 20 * 60_000,
  },
  {
    state: 'cleared with a remote target',
    given: { ...named, helmRelease: delivered(metadata.hash, { spec: { targetNamespace: 'x' } }) },
    actions: [],
    condition: 'False RemoteTargetUnsupported',
  },
  {
    state: 'cleared in dry run: nothing at all',
    given: { ...named, deployment: deployment({ dryRun: true }) },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'keys that KCM left behind, exactly what is in place',
    given: {
      ...named,
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' }],
      }),
    },
    actions: ['MarkReleased', 'RemovePolicyRef'],
    condition: 'remove',
    requeueAfterMs: 60 * 60_000,
  },
  {
    state: 'keys of another that are not what is in place',
    given: {
      ...named,
      helmRelease: delivered('00000000', { owners: [{ manager: 'somebody', time: '2026-10-01T00:00:00Z' }] }),
    },
    actions: [],
    condition: 'False FieldConflict',
  },
  {
    state: 'keys that are ours and KCM’s together',
    given: {
      ...named,
      helmRelease: delivered(metadata.hash, {
        owners: [
          { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' },
          { manager: 'audit-policy-operator', operation: 'Apply', time: '2026-10-02T00:00:00Z' },
        ],
      }),
    },
    actions: ['MarkReleased', 'RemovePolicyRef'],
    condition: 'remove',
    requeueAfterMs: 60 * 60_000,
  },
  {
    state: 'keys that another writer applies, though they say what is in place',
    given: {
      ...named,
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'kustomize-controller', operation: 'Apply', time: '2026-10-01T00:00:00Z' }],
      }),
    },
    actions: [],
    condition: 'False FieldConflict',
  },
  {
    state: 'the same, and the ConfigMap was tampered with: it is kept right as long as the values name it',
    given: {
      ...named,
      configMap: configMap(metadata, { data: { policy: 'x' } }),
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'kustomize-controller', operation: 'Apply', time: '2026-10-01T00:00:00Z' }],
      }),
    },
    actions: ['PatchConfigMap'],
    condition: 'False FieldConflict',
  },
  {
    state: 'a reference of this form that somebody wrote by hand, without any policy named: his own business',
    given: {
      ...none,
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'kubectl-edit', operation: 'Update', time: '2026-10-01T00:00:00Z' }],
      }),
    },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'a foreign ConfigMap stays',
    given: { ...none, configMap: configMap(metadata, { labels: {} }) },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'the values name another ConfigMap, which is the user’s own business',
    given: {
      ...none,
      helmRelease: helmRelease({
        values: { audit: { policyRef: { name: 'mine', key: 'policy', hash: 'x' } } },
      }),
    },
    actions: [],
    condition: 'remove',
  },
  {
    state: 'paused: the cleared reference waits',
    given: { ...named, deployment: deployment({}, {}, { 'auditpolicy.dev/paused': 'true' }) },
    actions: [],
    condition: 'False Paused',
  },
];

describe('planCluster without a reference', () => {
  test.each(rows)('$state', ({ given, actions, condition, requeueAfterMs }) => {
    const plan = planCluster(given, settings);
    expect(plan.actions.map(({ type }) => type)).toEqual(actions);
    expect(
      typeof plan.condition === 'string'
        ? plan.condition
        : `${plan.condition.status} ${plan.condition.reason}`,
    ).toBe(condition);
    expect(plan.requeueAfterMs).toBe(requeueAfterMs);
  });

  test('named again while the roll-out without it is under way: the change waits for it', () => {
    const again = observed({
      helmRelease: helmRelease({ status: ROLLING }),
      configMap: releasedAt('2026-11-01T11:55:00Z'),
    });
    const plan = planCluster(again, settings);
    expect(plan.actions).toEqual([]);
    expect(plan.requeueAfterMs).toBe(25 * 60_000);
  });

  test('named again once settled: the mark goes with the delivery', () => {
    const again = observed({
      now: NOW,
      helmRelease: helmRelease(),
      configMap: releasedAt('2026-11-01T11:55:00Z'),
      keptRevisions: [metadata.sha256],
    });
    expect(planCluster(again, settings).actions.map(({ type }) => type)).toEqual([
      'PatchConfigMap',
      'SetPolicyRef',
    ]);
  });

  test('clearing rolls the control plane too: one node is named, before and after', () => {
    const one = {
      values: {
        controlPlaneNumber: 1,
        audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash: metadata.hash } },
      },
    };
    const cleared = planCluster({ ...named, helmRelease: delivered(metadata.hash, one) }, settings);
    expect(cleared.events.map(({ reason }) => reason)).toEqual(['SingleControlPlane']);
    const waiting = planCluster(
      { ...named, helmRelease: delivered(metadata.hash, { ...one, spec: { suspend: true } }) },
      settings,
    );
    expect(waiting.condition).toMatchObject({ message: expect.stringContaining('1 node') as string });
  });
});
