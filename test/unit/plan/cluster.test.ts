import { planCluster } from '../../../src/plan/cluster.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  capiCluster,
  configMap,
  delivered,
  deployment,
  helmRelease,
  inPlaceOf,
  NOW,
  observed,
  policy,
  settings,
  SETTLED,
  without,
} from './fixtures.ts';

const metadata = accepted(policy());
const request = accepted(policy([{ level: 'Request' }]));
const anyGroup = policy([{ level: 'Metadata', resources: [{ group: '*' }] }]);
const typo = policy([{ level: 'None', user: ['system:kube-proxy'] }, { level: 'Metadata' }]);
const KCM = { manager: 'manager', operation: 'Update', time: '2026-10-01T00:00:00Z' };
const GITOPS = { manager: 'kustomize-controller', operation: 'Apply', time: '2026-10-01T00:00:00Z' };
const ROLLING = { ...SETTLED, observedGeneration: 0, lastAttemptedGeneration: 0 };

/** Delivered and right: the steady state. */
const steady = inPlaceOf(metadata);
/** `request` is in place, `metadata` is wanted. */
const edited = observed({
  helmRelease: delivered(request.hash),
  configMap: configMap(request),
  keptRevisions: [request.sha256],
});

interface Row {
  state: string;
  given: Observed;
  actions: string[];
  /** Status and reason, or what is done about the condition instead. */
  condition: string;
  /** All of these stand in its message. */
  says?: string[];
  events?: string[];
  requeueAfterMs?: number;
}

const rows: Row[] = [
  {
    state: 'first delivery',
    given: observed(),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    says: ['"p"', 'da099788', '"c-audit-policy"', '1.34 (assumed'],
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'the content is kept already',
    given: observed({ keptRevisions: [metadata.sha256] }),
    actions: ['CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  { state: 'steady', given: steady, actions: [], condition: 'True Succeeded' },
  {
    state: 'policy edited or another one named',
    given: edited,
    actions: ['KeepRevision', 'PatchConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'killed between ConfigMap and values',
    given: observed({
      helmRelease: delivered(request.hash),
      configMap: configMap(metadata, { annotations: { 'auditpolicy.dev/helmrelease-before': 'hr-uid/1' } }),
      keptRevisions: [metadata.sha256, request.sha256],
    }),
    actions: ['SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'the HelmRelease was changed since: somebody may have taken the reference out',
    given: observed({
      helmRelease: helmRelease({ metadata: { generation: 2 } }),
      configMap: configMap(metadata, { annotations: { 'auditpolicy.dev/helmrelease-before': 'hr-uid/1' } }),
      keptRevisions: [metadata.sha256],
    }),
    actions: ['PatchConfigMap revert 1', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'another HelmRelease of the same generation stands there now',
    given: observed({
      helmRelease: helmRelease(),
      configMap: configMap(metadata, { annotations: { 'auditpolicy.dev/helmrelease-before': 'old-uid/1' } }),
      keptRevisions: [metadata.sha256],
    }),
    actions: ['PatchConfigMap revert 1', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'another writer took the reference out, once',
    given: { ...steady, helmRelease: helmRelease() },
    actions: ['PatchConfigMap revert 1', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'another writer put its own content under our names, once',
    given: {
      ...steady,
      helmRelease: delivered(request.hash, { owners: [KCM] }),
      configMap: configMap(metadata, { data: { policy: request.yaml } }),
    },
    actions: ['PatchConfigMap revert 1', 'SetPolicyRef over what was left behind'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'a third time: stopped, what it put there stays',
    given: {
      ...steady,
      helmRelease: delivered(request.hash, { owners: [KCM] }),
      configMap: configMap(metadata, {
        data: { policy: request.yaml },
        annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' },
      }),
    },
    actions: [],
    condition: 'False Reverted',
    says: ['"manager"', 'changed spec.values.audit.policyRef in HelmRelease "c" 3 times'],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'it has put its bytes into the ConfigMap and not yet its hash into the values: the count stays',
    given: {
      ...steady,
      configMap: configMap(metadata, {
        data: { policy: request.yaml },
        annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' },
      }),
    },
    actions: ['PatchConfigMap revert 2'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state: 'our own values write failed before: that is no revert',
    given: { ...steady, helmRelease: helmRelease(), isValuesWriteUnfinished: true },
    actions: ['SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'a third time: stopped, the writer is named',
    given: {
      ...steady,
      helmRelease: helmRelease({
        owners: [{ manager: 'manager', operation: 'Update', time: '2026-11-01T11:59:00Z' }],
      }),
      configMap: configMap(metadata, { annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' } }),
    },
    actions: [],
    condition: 'False Reverted',
    says: ['"manager"', '3 times', 'c-audit-policy'],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'stopped, but another content is wanted: it starts anew',
    given: {
      ...edited,
      helmRelease: helmRelease(),
      configMap: configMap(request, { annotations: { 'auditpolicy.dev/reverted': 'hr-uid/2' } }),
    },
    actions: ['KeepRevision', 'PatchConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'the count of another HelmRelease of this name does not count',
    given: {
      ...steady,
      helmRelease: helmRelease(),
      configMap: configMap(metadata, { annotations: { 'auditpolicy.dev/reverted': 'old-uid/2' } }),
    },
    actions: ['PatchConfigMap revert 1', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'stripped of label and annotations, with other bytes: ours still, since our values name it',
    given: {
      ...steady,
      configMap: configMap(metadata, { labels: {}, annotations: {}, data: { policy: 'x' } }),
    },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state:
      'stripped of its label while the policy is refused: the label comes back, or nobody would watch it',
    given: { ...edited, policy: typo, configMap: configMap(request, { labels: {} }) },
    actions: [`PatchConfigMap ${request.hash} from the revision`],
    condition: 'False PolicyRefused',
    events: ['AuditPolicyConfigMapRepaired', 'ClusterAuditPolicyError'],
  },
  {
    state: 'immutable, with other bytes: made anew',
    given: { ...edited, configMap: { ...configMap(request), immutable: true } },
    actions: ['KeepRevision', 'DeleteConfigMap', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'an owner that somebody else added stays, and is no reason to write',
    given: {
      ...steady,
      configMap: configMap(metadata, {
        metadata: {
          ownerReferences: [
            { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'hr-uid' },
            { apiVersion: 'v1', kind: 'Secret', name: 'x', uid: 'y' },
          ],
        },
      }),
    },
    actions: [],
    condition: 'True Succeeded',
  },
  {
    state: 'policy missing, nothing in place',
    given: without(observed(), 'policy'),
    actions: [],
    condition: 'False PolicyNotFound',
    says: ['"p"', '"ns"'],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'policy missing, another in place',
    given: without(edited, 'policy'),
    actions: [],
    condition: 'False PolicyNotFound',
    says: [`What is in place stays: hash ${request.hash}`],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'policy refused',
    given: { ...edited, policy: typo },
    actions: [],
    condition: 'False PolicyRefused',
    says: ['rules[0].user', 'users', request.hash],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'zero rules',
    given: observed({ policy: policy([]) }),
    actions: [],
    condition: 'False PolicyRefused',
    says: ['rule'],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'unfit for the version of this cluster',
    given: observed({
      policy: anyGroup,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.35.2+k0s.0' }),
    }),
    actions: [],
    condition: 'False PolicyUnfit',
    says: ['1.35', 'rules[0].resources[0].group'],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'fit for the version of this cluster',
    given: observed({
      policy: anyGroup,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.0' }),
    }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    says: ['Checked for Kubernetes 1.36.'],
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'version raised while the machines are not there yet',
    given: observed({
      policy: anyGroup,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.0' }),
      helmRelease: helmRelease({ status: ROLLING }),
    }),
    actions: [],
    condition: 'False PolicyUnfit',
    says: ['1.34 (assumed'],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'what is in place is not judged anew while the version is uncertain',
    given: observed({
      policy: anyGroup,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.0' }),
      helmRelease: delivered(accepted(anyGroup).hash, { status: ROLLING }),
      configMap: configMap(accepted(anyGroup)),
      keptRevisions: [accepted(anyGroup).sha256],
    }),
    actions: [],
    condition: 'True Succeeded',
  },
  {
    state: 'the words do not change with the roll-out of our own write',
    given: {
      ...steady,
      deployment: deployment({ auditPolicy: 'p' }, { k8sVersion: 'v1.36.0' }),
      helmRelease: delivered(metadata.hash, { status: ROLLING }),
    },
    actions: [],
    condition: 'True Succeeded',
    says: ['Checked for Kubernetes 1.36.'],
  },
  {
    state: 'the annotation is no version',
    given: observed({
      deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/kubernetes-version': 'newest' }),
    }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    says: ['"newest"', 'v1.34'],
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'HelmRelease missing',
    given: without(observed(), 'helmRelease'),
    actions: [],
    condition: 'False HelmReleaseNotFound',
    says: ['"c"', 'does not exist yet'],
  },
  {
    state: 'HelmRelease being deleted',
    given: observed({
      helmRelease: helmRelease({ metadata: { deletionTimestamp: '2026-11-01T00:00:00Z' } }),
    }),
    actions: [],
    condition: 'False HelmReleaseDeleting',
  },
  {
    state: 'suspended, a change waits',
    given: observed({ helmRelease: helmRelease({ spec: { suspend: true } }) }),
    actions: [],
    condition: 'False HelmReleaseSuspended',
  },
  {
    state: 'suspended, nothing to change',
    given: { ...steady, helmRelease: delivered(metadata.hash, { spec: { suspend: true } }) },
    actions: [],
    condition: 'True Succeeded',
    says: ['suspended'],
  },
  {
    state: 'suspended, ConfigMap tampered with: what is in place is restored, not what is wanted',
    given: {
      ...edited,
      helmRelease: delivered(request.hash, { spec: { suspend: true } }),
      configMap: configMap(request, { data: { policy: 'rules: []' } }),
    },
    actions: [`PatchConfigMap ${request.hash} from the revision`],
    condition: 'False HelmReleaseSuspended',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state: 'a roll-out is under way, a change waits until its deadline',
    given: { ...edited, helmRelease: delivered(request.hash, { status: ROLLING }) },
    actions: [],
    condition: 'False RollInProgress',
    says: [request.hash, metadata.hash],
    requeueAfterMs: 20 * 60_000,
  },
  {
    state: 'the deadline of the roll-out has passed: fix forward',
    given: {
      ...edited,
      helmRelease: delivered(request.hash, { status: ROLLING }),
      now: NOW + 21 * 60_000,
    },
    actions: ['KeepRevision', 'PatchConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'the roll-out has failed: fix forward',
    given: {
      ...edited,
      helmRelease: delivered(request.hash, {
        status: {
          lastAttemptedGeneration: 1,
          conditions: [{ type: 'Ready', status: 'False', reason: 'UpgradeFailed' }],
          history: [{ status: 'failed' }],
        },
      }),
    },
    actions: ['KeepRevision', 'PatchConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'an older failure does not end the roll-out of newer values',
    given: {
      ...edited,
      helmRelease: delivered(request.hash, {
        metadata: { generation: 2 },
        status: {
          lastAttemptedGeneration: 1,
          conditions: [{ type: 'Stalled', status: 'True', reason: 'RetriesExceeded' }],
        },
      }),
    },
    actions: [],
    condition: 'False RollInProgress',
    requeueAfterMs: 20 * 60_000,
  },
  {
    state: 'ConfigMap tampered with',
    given: { ...steady, configMap: configMap(metadata, { data: { policy: 'rules: []' } }) },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state: 'another key in the ConfigMap',
    given: { ...steady, configMap: configMap(metadata, { data: { policy: metadata.yaml, other: 'x' } }) },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state: 'ConfigMap deleted',
    given: without(steady, 'configMap'),
    actions: ['CreateConfigMap'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapRepaired'],
  },
  {
    state: 'ConfigMap deleted while the policy is refused: restored from the kept revision',
    given: { ...without(edited, 'configMap'), policy: typo },
    actions: [`CreateConfigMap ${request.hash} from the revision`],
    condition: 'False PolicyRefused',
    events: ['AuditPolicyConfigMapRepaired', 'ClusterAuditPolicyError'],
  },
  {
    state: 'ConfigMap deleted, policy gone, no copy kept',
    given: { ...without(edited, 'configMap', 'policy'), keptRevisions: [] },
    actions: [],
    condition: 'False PolicyNotFound',
    says: ['is gone', 'no copy of hash'],
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'owner becomes the CAPI Cluster',
    given: { ...steady, capiCluster: capiCluster() },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
  },
  {
    state: 'foreign ConfigMap of our name',
    given: observed({ configMap: configMap(request, { labels: {}, annotations: {} }) }),
    actions: [],
    condition: 'False NameConflict',
    says: ['"c-audit-policy"', 'left as it is'],
    events: ['AuditPolicyConfigMapError'],
    requeueAfterMs: 60_000,
  },
  {
    state: 'foreign ConfigMap with the wanted bytes that nobody names',
    given: observed({ configMap: configMap(metadata, { labels: {} }) }),
    actions: [],
    condition: 'False NameConflict',
    events: ['AuditPolicyConfigMapError'],
    requeueAfterMs: 60_000,
  },
  {
    state: 'foreign ConfigMap that wears our label',
    given: observed({
      configMap: configMap(request, { annotations: { 'auditpolicy.dev/cluster-deployment-uid': 'another' } }),
    }),
    actions: [],
    condition: 'False NameConflict',
    events: ['AuditPolicyConfigMapError'],
    requeueAfterMs: 60_000,
  },
  {
    state: 'ours after a restore, which changed all uids',
    given: {
      ...steady,
      configMap: configMap(metadata, {
        annotations: { 'auditpolicy.dev/cluster-deployment-uid': 'old' },
        metadata: {
          ownerReferences: [
            { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'old' },
          ],
        },
      }),
    },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
  },
  {
    state: "KCM's ConfigMap with the same bytes: taken over without a roll",
    given: {
      ...steady,
      helmRelease: delivered(metadata.hash, {
        owners: [{ manager: 'manager', time: '2026-10-01T00:00:00Z' }],
      }),
      configMap: configMap(metadata, { labels: {}, annotations: {} }),
    },
    actions: ['PatchConfigMap'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: "KCM's ConfigMap with other bytes",
    given: {
      ...edited,
      helmRelease: delivered(request.hash, { owners: [KCM] }),
      configMap: configMap(request, { labels: {}, annotations: {} }),
    },
    actions: [],
    condition: 'False NameConflict',
    events: ['AuditPolicyConfigMapError'],
    requeueAfterMs: 60_000,
  },
  {
    state: 'edited after a takeover: over the keys that KCM left behind',
    given: { ...edited, helmRelease: delivered(request.hash, { owners: [KCM] }) },
    actions: ['KeepRevision', 'PatchConfigMap', 'SetPolicyRef over what was left behind'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapUpdated'],
  },
  {
    state: 'another writer applies the reference: not even the ConfigMap is changed',
    given: { ...edited, helmRelease: delivered(request.hash, { owners: [GITOPS] }) },
    actions: [],
    condition: 'False FieldConflict',
    says: ['"kustomize-controller"', request.hash],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'somebody wrote a reference of his own, which is not what is in place',
    given: observed({
      helmRelease: helmRelease({
        values: { audit: { policyRef: { name: 'theirs', key: 'k', hash: 'h' } } },
        owners: [{ manager: 'kubectl-edit', operation: 'Update', time: '2026-10-01T00:00:00Z' }],
      }),
    }),
    actions: [],
    condition: 'False FieldConflict',
    says: ['"kubectl-edit"'],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'two contents with one short hash',
    given: observed({ keptRevisions: [metadata.hash.padEnd(64, '0')] }),
    actions: [],
    condition: 'False HashCollision',
    says: [metadata.sha256],
    events: ['ClusterAuditPolicyError'],
    requeueAfterMs: 60_000,
  },
  {
    state: 'ClusterDeployment paused',
    given: {
      ...edited,
      deployment: deployment({ auditPolicy: 'p' }, {}, { 'auditpolicy.dev/paused': 'true' }),
    },
    actions: [],
    condition: 'False Paused',
    says: ['ClusterDeployment "c"', `hash ${request.hash} is in place, hash ${metadata.hash} is wanted`],
  },
  {
    state: 'policy paused, and in place',
    given: { ...steady, policy: policy([{ level: 'Metadata' }], { 'auditpolicy.dev/paused': 'true' }) },
    actions: [],
    condition: 'True Paused',
    says: ['ClusterAuditPolicy "p"'],
  },
  {
    state: 'dry run',
    given: observed({ deployment: deployment({ auditPolicy: 'p', dryRun: true }) }),
    actions: [],
    condition: 'False DryRun',
  },
  {
    state: 'remote target: another cluster',
    given: observed({ helmRelease: helmRelease({ spec: { kubeConfig: { secretRef: { name: 'x' } } } }) }),
    actions: [],
    condition: 'False RemoteTargetUnsupported',
    says: ['spec.kubeConfig'],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'remote target: another namespace, and not even a repair',
    given: {
      ...without(steady, 'configMap'),
      helmRelease: delivered(metadata.hash, { spec: { targetNamespace: 'elsewhere' } }),
    },
    actions: [],
    condition: 'False RemoteTargetUnsupported',
    says: ['"elsewhere"', metadata.hash],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'remote target: a region',
    given: observed({ deployment: deployment({ auditPolicy: 'p' }, { region: 'eu' }) }),
    actions: [],
    condition: 'False RemoteTargetUnsupported',
    says: ['"eu"'],
    events: ['AuditPolicyConfigMapError'],
  },
  {
    state: 'the reference leaves the namespace',
    given: without(observed({ deployment: deployment({ auditPolicy: '../other/p' }) }), 'policy'),
    actions: [],
    condition: 'False InvalidReference',
    events: ['ClusterAuditPolicyError'],
  },
  {
    state: 'one control-plane node',
    given: observed({ helmRelease: helmRelease({ values: { controlPlaneNumber: 1 } }) }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    says: ['1 node', 'docs/single-control-plane.md'],
    events: ['SingleControlPlane'],
  },
  {
    state: 'an even number of control-plane nodes, told by the deployment',
    given: observed({ deployment: deployment({ auditPolicy: 'p', config: { controlPlaneNumber: 4 } }) }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    says: ['4 nodes'],
    events: ['SingleControlPlane'],
  },
  {
    state: 'three control-plane nodes',
    given: observed({ helmRelease: helmRelease({ values: { controlPlaneNumber: 3 } }) }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
  {
    state: 'observer: KCM manages the release',
    given: observed({
      kcmPresent: true,
      helmRelease: helmRelease({ metadata: { labels: { 'k0rdent.mirantis.com/managed': 'true' } } }),
    }),
    actions: [],
    condition: 'keep',
  },
  {
    state: 'observer: KCM will make the release',
    given: without(observed({ kcmPresent: true }), 'helmRelease'),
    actions: [],
    condition: 'keep',
  },
  {
    state: 'KCM runs here, but not this release',
    given: observed({ kcmPresent: true }),
    actions: ['KeepRevision', 'CreateConfigMap', 'SetPolicyRef'],
    condition: 'True Succeeded',
    events: ['AuditPolicyConfigMapCreated'],
  },
];

describe('planCluster', () => {
  test.each(rows)('$state', ({ given, actions, condition, says = [], events = [], requeueAfterMs }) => {
    const plan = planCluster(given, settings);
    expect(plan.actions.map(describeAction)).toEqual(actions);
    expect(describeCondition(plan.condition)).toBe(condition);
    expect(plan.events.map(({ reason }) => reason)).toEqual(events);
    expect(plan.requeueAfterMs).toBe(requeueAfterMs);
    const message = typeof plan.condition === 'string' ? '' : plan.condition.message;
    for (const part of says) expect(message).toContain(part);
  });

  test('says nothing twice: once the condition is written, no event goes with it', () => {
    const given = without(observed(), 'policy');
    const { condition } = planCluster(given, settings);
    if (typeof condition === 'string') throw new Error('a condition is expected');
    const status = { conditions: [{ ...condition, lastTransitionTime: '2026-11-01T11:00:00Z' }] };
    const again = planCluster({ ...given, deployment: deployment({ auditPolicy: 'p' }, status) }, settings);
    expect(again.events).toEqual([]);
  });

  test('a deployment that is being deleted is left alone', () => {
    const deleting = { ...deployment(), deleting: true };
    expect(planCluster({ ...edited, deployment: deleting }, settings)).toEqual({
      actions: [],
      condition: 'keep',
      events: [],
    });
  });
});

function describeAction(action: ReturnType<typeof planCluster>['actions'][number]): string {
  if (action.type === 'PatchConfigMap' && action.reverts)
    return `${action.type} revert ${action.reverts.count}`;
  if (action.type === 'SetPolicyRef' && action.overLeftBehind)
    return `${action.type} over what was left behind`;
  const fromRevision = 'content' in action && 'fromRevision' in action.content;
  return fromRevision ? `${action.type} ${action.content.sha256.slice(0, 8)} from the revision` : action.type;
}

function describeCondition(condition: ReturnType<typeof planCluster>['condition']): string {
  return typeof condition === 'string' ? condition : `${condition.status} ${condition.reason}`;
}
