import fc from 'fast-check';
import { planCluster } from '../../../src/plan/cluster.ts';
import { appliesPolicyRef } from '../../../src/plan/in-place.ts';
import type { Observed } from '../../../src/plan/types.ts';
import { applyToModel } from './apply-model.ts';
import {
  SETTLED,
  accepted,
  capiCluster,
  configMap,
  deployment,
  helmRelease,
  policy,
  settings,
  NOW,
} from './fixtures.ts';

const contents = [
  accepted(policy([{ level: 'Metadata' }])),
  accepted(policy([{ level: 'Request' }])),
  accepted(policy([{ level: 'Metadata', resources: [{ group: '*' }] }])),
];
const byDigest = new Map(contents.map(({ sha256, yaml }) => [sha256, yaml]));
const content = fc.constantFrom(...contents);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const anyDeployment = fc
  .record({
    auditPolicy: fc.constantFrom('p', undefined, '../p'),
    dryRun: fc.boolean(),
    paused: fc.boolean(),
    k8sVersion: fc.constantFrom(undefined, 'v1.35.0', 'v1.36.0'),
    region: fc.constantFrom(undefined, undefined, 'eu'),
  })
  .map(({ auditPolicy, dryRun, paused, ...status }) =>
    deployment(
      { dryRun: dryRun && paused, ...(auditPolicy === undefined ? {} : { auditPolicy }) },
      status,
      paused && !dryRun ? { 'auditpolicy.dev/paused': 'true' } : {},
    ),
  );

const anyPolicy = fc.oneof(
  { weight: 4, arbitrary: content.map(({ policy: { rules } }) => policy(rules)) },
  fc.constant(policy([{ level: 'None', user: ['x'] }])),
);

const owners = [
  { manager: 'audit-policy-operator', operation: 'Apply', time: '2026-11-01T11:50:00Z' },
  { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' },
  { manager: 'kustomize-controller', operation: 'Apply', time: '2026-10-01T00:00:00Z' },
];

const anyHelmRelease = fc
  .record({
    ref: maybe(
      fc.record({ name: fc.constantFrom('c-audit-policy', 'c-audit-policy', 'theirs'), of: content }),
    ),
    owners: fc.subarray(owners),
    suspend: fc.boolean(),
    remote: fc.constantFrom(false, false, true),
    status: fc.constantFrom<Record<string, unknown>>(
      SETTLED,
      SETTLED,
      { ...SETTLED, lastAttemptedGeneration: 0 },
      {
        lastAttemptedGeneration: 1,
        conditions: [{ type: 'Stalled', status: 'True', reason: 'RetriesExceeded' }],
      },
    ),
  })
  .map(({ ref, owners: refOwners, suspend, remote, status }) =>
    helmRelease({
      values:
        ref === undefined
          ? {}
          : { audit: { policyRef: { name: ref.name, key: 'policy', hash: ref.of.hash } } },
      owners: ref === undefined ? [] : refOwners,
      spec: { suspend, ...(remote ? { targetNamespace: 'x' } : {}) },
      status,
    }),
  );

const anyConfigMap = fc
  .record({
    of: content,
    ours: fc.constantFrom(true, true, false),
    data: fc.constantFrom<'right' | 'tampered' | 'extra'>('right', 'right', 'tampered', 'extra'),
    released: fc.boolean(),
  })
  .map(({ of, ours, data, released }) =>
    configMap(of, {
      ...(ours ? {} : { labels: {}, annotations: {} }),
      ...(ours && released ? { annotations: { 'auditpolicy.dev/released-at': '2026-11-01T10:00:00Z' } } : {}),
      data:
        data === 'tampered'
          ? { policy: 'x' }
          : data === 'extra'
            ? { policy: of.yaml, x: 'y' }
            : { policy: of.yaml },
    }),
  );

const anyObserved: fc.Arbitrary<Observed> = fc
  .record({
    deployment: anyDeployment,
    kcmPresent: fc.constantFrom(false, false, false, true),
    policy: maybe(anyPolicy),
    helmRelease: maybe(anyHelmRelease),
    configMap: maybe(anyConfigMap),
    capiCluster: maybe(fc.constant(capiCluster())),
    keptRevisions: fc.subarray(contents.map(({ sha256 }) => sha256)),
    changesElsewhere: fc.constantFrom(0, 9, 10),
  })
  .map(({ policy: named, helmRelease: release, configMap: found, capiCluster: cluster, ...rest }) => ({
    ...rest,
    now: NOW,
    ...(named && rest.deployment.auditPolicy === 'p' ? { policy: named } : {}),
    ...(release ? { helmRelease: release } : {}),
    ...(found ? { configMap: found } : {}),
    ...(cluster ? { capiCluster: cluster } : {}),
  }));

const RUNS = { numRuns: 2000 };

/** The state after the writes of one plan. */
function after(observed: Observed): Observed {
  return planCluster(observed, settings).actions.reduce(
    (state, action) => applyToModel(state, action, byDigest),
    observed,
  );
}

/** Two looks must do: a repair can make clear whose the values are, and only then a change is allowed. */
const MOST_LOOKS = 2;

function end(observed: Observed): Observed {
  let state = observed;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) state = after(state);
  return state;
}

describe('properties of the plan, in any state', () => {
  test('it converges: what it wrote needs no second writing', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        expect(planCluster(end(observed), settings).actions).toEqual([]);
      }),
      RUNS,
    );
  });

  test('stopped after any write, it comes to the same end', () => {
    fc.assert(
      fc.property(anyObserved, fc.nat({ max: 3 }), (observed, writes) => {
        const undisturbed = end(observed);
        const stopped = planCluster(observed, settings)
          .actions.slice(0, writes)
          .reduce((state, action) => applyToModel(state, action, byDigest), observed);
        const resumed = end(stopped);
        expect(resumed.helmRelease?.policyRef).toEqual(undisturbed.helmRelease?.policyRef);
        expect(resumed.configMap?.sha256).toBe(undisturbed.configMap?.sha256);
      }),
      RUNS,
    );
  });

  test('after a plan with writes, the ConfigMap that the values name has the hash that they say', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        const { actions } = planCluster(observed, settings);
        if (!actions.some(({ type }) => /ConfigMap$|SetPolicyRef/.test(type))) return;
        const { helmRelease: release, configMap: found } = after(observed);
        if (release?.policyRef?.name !== 'c-audit-policy') return;
        expect(found?.sha256?.slice(0, 8)).toBe(release.policyRef.hash);
      }),
      RUNS,
    );
  });

  test('content is kept before it is first put in place', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        const kept = [...observed.keptRevisions];
        const unkept: string[] = [];
        for (const action of planCluster(observed, settings).actions) {
          if (action.type === 'KeepRevision') kept.push(action.sha256);
          const hash = action.type === 'SetPolicyRef' ? action.hash : undefined;
          if (hash !== undefined && !kept.some((sha256) => sha256.startsWith(hash))) unkept.push(hash);
        }
        expect(unkept).toEqual([]);
      }),
      RUNS,
    );
  });

  test('a foreign ConfigMap is in no write, but for a takeover of exactly the wanted bytes', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        const { configMap: found, policy: named, helmRelease: release } = observed;
        // What our own values name is ours, whoever stripped it.
        const isNamedByUs =
          release !== undefined && release.policyRef?.name === 'c-audit-policy' && appliesPolicyRef(release);
        if (found?.labelled !== false || isNamedByUs) return;
        const isTakeover = found.sha256 === named?.content.accepted?.sha256;
        const written = planCluster(observed, settings)
          .actions.map(({ type }) => type)
          .filter(
            (type) => /ConfigMap$|MarkReleased/.test(type) && !(isTakeover && type === 'PatchConfigMap'),
          );
        expect(written).toEqual([]);
      }),
      RUNS,
    );
  });

  test('paused, dry run, remote, observed or suspended: the values are not written', () => {
    fc.assert(
      fc.property(anyObserved, (observed) => {
        const { deployment: cluster, helmRelease: release } = observed;
        const mustNotBeWritten =
          cluster.paused ||
          cluster.dryRun ||
          cluster.region !== undefined ||
          release?.remoteTarget !== undefined ||
          release?.suspended === true ||
          (observed.kcmPresent && release === undefined);
        if (!mustNotBeWritten) return;
        const written = planCluster(observed, settings).actions.map(({ type }) => type);
        expect(written.filter((type) => type.endsWith('PolicyRef'))).toEqual([]);
      }),
      RUNS,
    );
  });
});
