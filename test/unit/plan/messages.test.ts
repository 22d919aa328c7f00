import { planCluster } from '../../../src/plan/cluster.ts';
import { planFailure, REFUSED_RETRY_MS } from '../../../src/plan/failure.ts';
import { readClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { firstFew } from '../../../src/plan/report.ts';
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

/** What people read in conditions and events, whole: the message is the interface, so a change of one is seen here. */

const metadata = accepted(policy());
const request = accepted(policy([{ level: 'Request' }]));
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };
const KCM = { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' };
const GITOPS = { manager: 'kustomize-controller', operation: 'Apply', time: '2026-10-01T00:00:00Z' };
const ASSUMED = "Checked for Kubernetes 1.34 (assumed: nothing tells this cluster's version for certain).";
const DELIVERED =
  'Policy "p" (hash da099788) is in ConfigMap "c-audit-policy" and in the values of HelmRelease "c".';
const STAYS = 'What is in place stays: hash 61d03756.';

const edited = observed({
  helmRelease: delivered(request.hash),
  configMap: configMap(request),
  keptRevisions: [request.sha256],
});
const steady = inPlaceOf(metadata);
const known = (parts: Partial<Observed>) =>
  observed({ deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.1' }), ...parts });
const cleared = { ...edited, deployment: deployment({}) };
const values = (policyRef: object, owners = [KCM]) =>
  helmRelease({ values: { audit: { policyRef } }, owners });

const messageOf = ({ condition }: ReturnType<typeof planCluster>): string =>
  typeof condition === 'string' ? condition : condition.message;

test.each<[string, Observed, string]>([
  ['delivered', observed(), `${DELIVERED} ${ASSUMED}`],
  ['delivered, version known', known({}), `${DELIVERED} Checked for Kubernetes 1.36.`],
  [
    'delivered, suspended',
    { ...steady, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) },
    `${DELIVERED} The HelmRelease is suspended, so Flux does not roll changes out. ${ASSUMED}`,
  ],
  [
    'delivered, the roll-out failed',
    {
      ...steady,
      helmRelease: delivered(metadata.hash, {
        status: {
          lastAttemptedGeneration: 1,
          conditions: [{ type: 'Ready', status: 'False', reason: 'UpgradeFailed' }],
        },
      }),
    },
    `${DELIVERED} Flux failed to roll it out: UpgradeFailed. ${ASSUMED}`,
  ],
  [
    'delivered anew, the roll-out of the content before failed',
    {
      ...edited,
      helmRelease: delivered(request.hash, {
        status: {
          lastAttemptedGeneration: 1,
          conditions: [{ type: 'Ready', status: 'False', reason: 'UpgradeFailed' }],
        },
      }),
    },
    `${DELIVERED} ${ASSUMED}`,
  ],
  [
    'delivered, annotation unreadable and long',
    observed({
      deployment: deployment(
        { auditPolicy: 'p' },
        {},
        { 'auditpolicy.dev/kubernetes-version': 'x'.repeat(50) },
      ),
    }),
    `${DELIVERED} Checked for Kubernetes 1.34; annotation auditpolicy.dev/kubernetes-version is "${'x'.repeat(40)}", write it like "v1.34".`,
  ],
  [
    'one node',
    known({ helmRelease: helmRelease({ values: { controlPlaneNumber: 1 } }) }),
    `${DELIVERED} Checked for Kubernetes 1.36. The control plane has 1 node: every change of the policy rolls it, and etcd can lose quorum on the way; read docs/single-control-plane.md before the next one.`,
  ],
  [
    'two nodes',
    known({ helmRelease: helmRelease({ values: { controlPlaneNumber: 2 } }) }),
    `${DELIVERED} Checked for Kubernetes 1.36. The control plane has 2 nodes, an even number: every change of the policy rolls it, and etcd can lose quorum on the way; read docs/single-control-plane.md before the next one.`,
  ],
  [
    'the values say three nodes, the deployment one: the values count',
    observed({
      deployment: deployment({ auditPolicy: 'p', config: { controlPlaneNumber: 1 } }),
      helmRelease: helmRelease({ values: { controlPlaneNumber: 3 } }),
    }),
    `${DELIVERED} ${ASSUMED}`,
  ],
  [
    'no node at all says nothing',
    observed({ helmRelease: helmRelease({ values: { controlPlaneNumber: 0 } }) }),
    `${DELIVERED} ${ASSUMED}`,
  ],
  [
    'paused, nothing in place',
    observed({ deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/paused': 'true' }) }),
    'Annotation auditpolicy.dev/paused on ClusterDeployment "c" stops all writes; no policy is in place, hash da099788 is wanted.',
  ],
  [
    'the policy paused, in place',
    { ...steady, policy: policy(undefined, { 'auditpolicy.dev/paused': 'true' }) },
    'Annotation auditpolicy.dev/paused on ClusterAuditPolicy "p" stops all writes; hash da099788 is in place.',
  ],
  [
    'paused, and the policy is missing',
    without(
      { ...edited, deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/paused': 'true' }) },
      'policy',
    ),
    'Annotation auditpolicy.dev/paused on ClusterDeployment "c" stops all writes; hash 61d03756 is in place.',
  ],
  [
    'dry run',
    { ...edited, deployment: deployment({ auditPolicy: 'p', dryRun: true }) },
    'spec.dryRun is true, so nothing is written; hash 61d03756 is in place, hash da099788 is wanted.',
  ],
  [
    'no name of an object',
    observed({ deployment: deployment({ auditPolicy: `A/${'x'.repeat(100)}` }) }),
    `spec.auditPolicy is "A/${'x'.repeat(78)}": it must be the plain name of a ClusterAuditPolicy in the same namespace.`,
  ],
  ['missing', without(edited, 'policy'), `ClusterAuditPolicy "p" does not exist in namespace "ns". ${STAYS}`],
  [
    'missing, and the ConfigMap is lost for good',
    { ...without(edited, 'policy', 'configMap'), keptRevisions: [] },
    `ClusterAuditPolicy "p" does not exist in namespace "ns". ConfigMap "c-audit-policy" is gone, and no copy of hash 61d03756 is kept to restore it. ${STAYS}`,
  ],
  [
    'missing, and what the ConfigMap held is lost for good',
    {
      ...without(edited, 'policy'),
      configMap: configMap(request, { data: { policy: 'x' } }),
      keptRevisions: [],
    },
    `ClusterAuditPolicy "p" does not exist in namespace "ns". ConfigMap "c-audit-policy" was changed by another, and no copy of hash 61d03756 is kept to restore it. ${STAYS}`,
  ],
  [
    'remote',
    observed({ deployment: deployment({ auditPolicy: 'p' }, { region: 'eu' }) }),
    'Not supported: the cluster lives in region "eu" (status.region), and the ConfigMap would have to be there.',
  ],
  [
    'no HelmRelease yet',
    without(observed(), 'helmRelease'),
    'HelmRelease "c" does not exist yet; policy "p" (hash da099788) is delivered when it does.',
  ],
  [
    'HelmRelease going',
    observed({ helmRelease: helmRelease({ metadata: { deletionTimestamp: '2026-11-01T00:00:00Z' } }) }),
    'HelmRelease "c" is being deleted.',
  ],
  [
    'foreign ConfigMap',
    observed({ configMap: configMap(request, { labels: {} }) }),
    'ConfigMap "c-audit-policy" exists and is not the operator\'s, so it is left as it is. Remove it or rename it; see docs/takeover.md if it holds the policy in place.',
  ],
  [
    'one short hash, two contents',
    observed({ keptRevisions: [metadata.hash.padEnd(64, '0')] }),
    `Policy "p" (sha256 ${metadata.sha256}) has the short hash da099788 of another one kept in this namespace (sha256 ${metadata.hash.padEnd(64, '0')}); change it in any way that changes its bytes.`,
  ],
  [
    'others apply the reference',
    { ...edited, helmRelease: delivered(request.hash, { owners: [GITOPS, KCM] }) },
    `HelmRelease "c": spec.values.audit.policyRef is owned by "kustomize-controller", "manager", and is left as it is. Take the key out of what "kustomize-controller", "manager" applies. ${STAYS}`,
  ],
  [
    'suspended',
    { ...edited, helmRelease: delivered(request.hash, { spec: { suspend: true } }) },
    `The change to policy "p" (hash da099788) waits: HelmRelease "c" is suspended. ${STAYS}`,
  ],
  [
    'rolling',
    { ...edited, helmRelease: delivered(request.hash, { status: ROLLING }) },
    `The change to policy "p" (hash da099788) waits until Flux has finished the roll-out of hash 61d03756 on HelmRelease "c". ${STAYS}`,
  ],
  [
    'cleared while rolling',
    { ...cleared, helmRelease: delivered(request.hash, { status: ROLLING }) },
    'The reference is cleared, but hash 61d03756 stays in the values of HelmRelease "c" until Flux has finished the roll-out of hash 61d03756.',
  ],
  [
    'cleared while suspended',
    { ...cleared, helmRelease: delivered(request.hash, { spec: { suspend: true } }) },
    'The reference is cleared, but hash 61d03756 stays in the values of HelmRelease "c" while it is suspended; resume it and the values follow.',
  ],
  [
    'cleared with a remote target',
    { ...cleared, helmRelease: delivered(request.hash, { spec: { targetNamespace: 'x' } }) },
    'The reference is cleared, but hash 61d03756 stays in the values of HelmRelease "c": it installs into namespace "x" (spec.targetNamespace), which is not supported.',
  ],
  [
    'cleared, but others apply the reference',
    { ...cleared, helmRelease: delivered(request.hash, { owners: [GITOPS] }) },
    'The reference is cleared, but hash 61d03756 stays in the values of HelmRelease "c": it is owned by "kustomize-controller", and not just what KCM left of what is in place. Remove spec.values.audit.policyRef where it comes from.',
  ],
  [
    'cleared, but the reference is a stranger without owner or hash',
    { ...cleared, helmRelease: values({ name: 'c-audit-policy' }, []) },
    'The reference is cleared, but hash (none) stays in the values of HelmRelease "c": it is not the operator\'s, and not just what KCM left of what is in place. Remove spec.values.audit.policyRef where it comes from.',
  ],
])('condition: %s', (_case, given, message) => expect(messageOf(planCluster(given, settings))).toBe(message));

test('the name of the ConfigMap would be too long', () => {
  const named = (length: number) => ({ ...deployment(), name: 'd'.repeat(length) });
  const message = (length: number) =>
    messageOf(planCluster(observed({ deployment: named(length) }), settings));
  expect(message(241)).toBe(
    'ConfigMap name "<name>-audit-policy" would have 254 characters; the API server takes 253.',
  );
  expect(message(240)).toContain('is in ConfigMap');
});

describe('refused: what is wrong, where, and what would be right', () => {
  test('by everything', () => {
    const typo = policy([{ level: 'None', user: ['x'] }]);
    expect(messageOf(planCluster(observed({ policy: typo }), settings))).toMatch(
      /^ClusterAuditPolicy "p" is refused: spec\.policy\.rules\[0\]\.user: .*"users"/,
    );
  });
  test('by this cluster’s version', () => {
    const anyGroup = policy([{ level: 'Metadata', resources: [{ group: '*' }] }]);
    const given = observed({
      policy: anyGroup,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.35.0' }),
    });
    expect(messageOf(planCluster(given, settings))).toMatch(
      /^ClusterAuditPolicy "p" does not suit this cluster: kube-apiserver 1\.35 would refuse it: rules\[0\]\.resources.*\.group: .*\. Checked for Kubernetes 1\.35\.$/,
    );
  });
});

test.each<[string, Observed, string[]]>([
  [
    'first delivery',
    observed(),
    ['Delivered by ConfigMap "c-audit-policy" and the values of HelmRelease "c": policy "p", hash da099788.'],
  ],
  [
    'another content',
    edited,
    [
      'Delivered by ConfigMap "c-audit-policy" and the values of HelmRelease "c": policy "p", hash da099788 in place of 61d03756.',
    ],
  ],
  [
    'one node',
    observed({ helmRelease: helmRelease({ values: { controlPlaneNumber: 1 } }) }),
    [
      'Delivered by ConfigMap "c-audit-policy" and the values of HelmRelease "c": policy "p", hash da099788. The control plane has 1 node: every change of the policy rolls it, and etcd can lose quorum on the way; read docs/single-control-plane.md before the next one.',
    ],
  ],
  [
    'taken over',
    {
      ...steady,
      helmRelease: delivered(metadata.hash, { owners: [KCM] }),
      configMap: configMap(metadata, { labels: {} }),
    },
    [
      'ConfigMap "c-audit-policy" taken over as it is (policy "p", hash da099788); the values stay, nothing rolls.',
    ],
  ],
  [
    'repaired',
    { ...steady, configMap: configMap(metadata, { data: { policy: 'x' } }) },
    ['ConfigMap "c-audit-policy" was changed by another; restored (policy "p", hash da099788).'],
  ],
  [
    'put back',
    without(steady, 'configMap'),
    ['ConfigMap "c-audit-policy" was gone; restored (policy "p", hash da099788).'],
  ],
  [
    'put back while the policy is missing',
    without(edited, 'configMap', 'policy'),
    [
      'ConfigMap "c-audit-policy" is gone; hash 61d03756, which the HelmRelease values name, was restored.',
      `ClusterAuditPolicy "p" does not exist in namespace "ns". ${STAYS}`,
    ],
  ],
  [
    'cleared',
    cleared,
    ['Hash 61d03756 removed from the values of HelmRelease "c"; the ConfigMap follows later.'],
  ],
  [
    'deleted after its retention',
    {
      ...cleared,
      helmRelease: helmRelease(),
      configMap: configMap(request, {
        annotations: { 'auditpolicy.dev/released-at': '2026-11-01T11:00:00Z' },
      }),
    },
    [
      'ConfigMap "c-audit-policy" deleted: the HelmRelease has settled without it and its retention has passed.',
    ],
  ],
  ['steady', steady, []],
])('events: %s', (_case, given, messages) =>
  expect(planCluster(given, settings).events.map(({ message }) => message)).toEqual(messages),
);

test.each<[string, Observed, string]>([
  ['cleared', cleared, 'AuditPolicyCleared'],
  [
    'cleared, with one node',
    { ...cleared, helmRelease: delivered(request.hash, { values: { controlPlaneNumber: 1 } }) },
    'SingleControlPlane',
  ],
  [
    'deleted',
    {
      ...cleared,
      helmRelease: helmRelease(),
      configMap: configMap(request, {
        annotations: { 'auditpolicy.dev/released-at': '2026-11-01T11:00:00Z' },
      }),
    },
    'AuditPolicyConfigMapDeleted',
  ],
])('what an event is called: %s', (_case, given, reason) =>
  expect(planCluster(given, settings).events.map((event) => event.reason)).toEqual([reason]),
);

test('paused with nothing named and nothing in place: there is nothing to say', () => {
  const nothing = { ...deployment({}), paused: true };
  expect(planCluster(observed({ deployment: nothing }), settings)).toEqual({
    actions: [],
    condition: 'remove',
    events: [],
  });
});

test('a policy with an error and a warning is refused for the error', () => {
  const read = readClusterAuditPolicy({
    metadata: { name: 'p' },
    spec: { policy: { kind: 'Policy', rules: [] } },
  });
  expect(messageOf(planCluster(observed({ policy: read }), settings))).not.toContain('kind');
});

describe('a refused write', () => {
  const failing = (kind: 'FieldConflict' | 'Forbidden' | 'WriteRefused', owners: string[] = []) =>
    planFailure(observed(), {
      kind,
      target: 'values',
      name: 'HelmRelease "c"',
      message: 'the words',
      fields:
        owners.length > 0 ? ['.spec.values.audit.policyRef.hash', '.spec.values.audit.policyRef.key'] : [],
      owners,
    });

  test.each([
    [
      failing('FieldConflict', ['a', 'b']),
      'HelmRelease "c": spec.values.audit.policyRef.hash, spec.values.audit.policyRef.key is owned by "a", "b", and is left as it is. Take it out of what "a", "b" applies.',
    ],
    [
      failing('FieldConflict'),
      'HelmRelease "c": a field is owned by another manager, and is left as it is. Take it out of what another manager applies.',
    ],
    [failing('Forbidden'), 'HelmRelease "c" could not be written: the words'],
    [failing('WriteRefused'), 'HelmRelease "c" was refused by the API server: the words'],
  ])('%#', ({ condition, ...plan }, message) => {
    expect(condition).toMatchObject({ type: 'ClusterAuditPolicyReady', status: 'False', message });
    expect(plan).toEqual({
      actions: [],
      events: [{ reason: 'AuditPolicyConfigMapError', message }],
      requeueAfterMs: REFUSED_RETRY_MS,
    });
  });

  test('a ConfigMap made ready for values that were refused goes back to what they name', () => {
    const given = { ...edited, configMap: configMap(metadata) };
    const failure = { kind: 'Forbidden', name: 'x', message: 'm', fields: [], owners: [] } as const;
    const actions = (target: 'values' | 'config-map') =>
      planFailure(given, { ...failure, target }).actions.map((action) =>
        'content' in action ? `${action.type} ${action.content.sha256.slice(0, 8)}` : action.type,
      );
    expect(actions('values')).toEqual([`PatchConfigMap ${request.hash}`]);
    expect(actions('config-map')).toEqual([]);
  });
});

test('a refused write is tried again in five minutes', () => expect(REFUSED_RETRY_MS).toBe(300_000));

test('firstFew: three findings, and how many more', () => {
  expect(firstFew(['a'])).toBe('a.');
  expect(firstFew(['a', 'b.'])).toBe('a; b.');
  expect(firstFew(['a', 'b', 'c'])).toBe('a; b; c.');
  expect(firstFew(['a', 'b', 'c', 'd', 'e'])).toBe('a; b; c; and 2 more.');
});
