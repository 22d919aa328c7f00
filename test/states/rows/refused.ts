import type { StateRow } from '../row.ts';
import { sha256Hex } from '../world.ts';
import { controllerRevisions } from '../../support/kinds.ts';

const group = 'The policy is refused';
const TYPO = [{ level: 'None', user: ['system:kube-proxy'] }, { level: 'Metadata' }];
/** kube-apiserver takes a group `*` from 1.36 on. */
const ANY_GROUP = [{ level: 'Metadata', resources: [{ group: '*' }] }];

/** Policies and references that must not reach a control plane. */
export const refused: readonly StateRow[] = [
  {
    id: 'has-errors',
    group,
    given: 'The policy has errors, and the cluster has none yet.',
    arrange: async (w) => {
      await w.createPolicy(TYPO);
      await w.createRelease();
    },
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyRefused', says: ['rules[0].user', '"users"'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'edited-into-errors',
    group,
    given: 'A policy in place is edited into one with errors.',
    arrange: (w) => w.delivered(),
    act: (w) => w.editPolicy(TYPO),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyRefused', says: ['What is in place stays: hash '] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'mended',
    group,
    given: 'It is mended.',
    arrange: async (w) => {
      await w.delivered();
      await w.editPolicy(TYPO);
      await w.until('False', 'PolicyRefused');
    },
    act: (w) => w.editPolicy(),
    writes: ['create ControllerRevision', 'patch ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded' },
    events: ['Normal AuditPolicyConfigMapUpdated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'no-rules',
    group,
    given: 'The policy has no rules: kube-apiserver would not start with it.',
    arrange: (w) => w.delivered(),
    act: (w) => w.editPolicy([]),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyRefused', says: ['rules'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'too-large',
    group,
    matrix: ['A11'],
    given: 'The rendered policy is larger than a ConfigMap may be.',
    arrange: (w) => w.delivered(),
    act: (w) => w.editPolicy([{ level: 'Metadata', users: manyUsers() }]),
    writes: ['status'],
    condition: {
      status: 'False',
      reason: 'PolicyRefused',
      says: ['the rendered policy has 1155088 bytes; a ConfigMap takes 1048576'],
    },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'too-new',
    group,
    given: "The cluster's Kubernetes is too old for the policy.",
    arrange: async (w) => {
      await w.createPolicy(ANY_GROUP);
      await w.createRelease();
      await w.settled();
    },
    act: (w) => w.createDeployment({}, { 'auditpolicy.dev/kubernetes-version': 'v1.35.2+k0s.0' }),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyUnfit', says: ['kube-apiserver 1.35 would refuse it'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'new-enough',
    group,
    given: 'The cluster is upgraded to one that takes it.',
    arrange: async (w) => {
      await w.createPolicy([...ANY_GROUP, ...w.first]);
      await w.createRelease();
      await w.settled();
      await w.createDeployment();
      await w.until('False', 'PolicyUnfit');
    },
    act: (w) => w.api.patchStatus(w.paths.deployment, { k8sVersion: 'v1.36.1' }),
    writes: ['create ControllerRevision', 'create ConfigMap', 'apply HelmRelease', 'status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['Checked for Kubernetes 1.36.'] },
    events: ['Normal AuditPolicyConfigMapCreated'],
    requeue: 'none',
    inPlace: 'wanted',
  },
  {
    id: 'too-old-for-what-it-runs',
    group,
    given: 'What is in place turns out to be too new: the version is told, and is lower than it was.',
    arrange: async (w) => {
      await w.createPolicy([...ANY_GROUP, ...w.first]);
      await w.createRelease();
      await w.createDeployment({}, { 'auditpolicy.dev/kubernetes-version': 'v1.36.0' });
      await w.until('True', 'Succeeded');
      await w.settled();
    },
    act: (w) => w.annotateDeployment({ 'auditpolicy.dev/kubernetes-version': 'v1.34.0' }),
    writes: ['status'],
    condition: { status: 'False', reason: 'PolicyUnfit', says: ['1.34', 'What is in place stays'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'version-unknown-again',
    group,
    given: 'The same, but the lower version is only assumed: what is in place is not judged by a guess.',
    arrange: async (w) => {
      await w.createPolicy([...ANY_GROUP, ...w.first]);
      await w.createRelease();
      await w.createDeployment({}, { 'auditpolicy.dev/kubernetes-version': 'v1.36.0' });
      await w.until('True', 'Succeeded');
      await w.settled();
    },
    act: (w) => w.annotateDeployment({ 'auditpolicy.dev/kubernetes-version': null }),
    writes: ['status'],
    condition: { status: 'True', reason: 'Succeeded', says: ['Checked for Kubernetes 1.34 (assumed'] },
    events: [],
    requeue: 'none',
    inPlace: 'as before',
  },
  {
    id: 'no-name',
    group,
    given: '`spec.auditPolicy` is not the name of an object, such as `other-namespace/policy`.',
    arrange: (w) => w.createRelease(),
    act: (w) => w.createDeployment({ auditPolicy: 'other-namespace/policy' }),
    writes: ['status'],
    condition: { status: 'False', reason: 'InvalidReference', says: ['"other-namespace/policy"'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'name-too-long',
    group,
    matrix: ['A9'],
    cluster: 'x'.repeat(241),
    given: "The cluster's name has more than 240 characters: its ConfigMap could not be named.",
    arrange: async (w) => {
      await w.createPolicy();
      await w.createRelease();
    },
    act: (w) => w.createDeployment(),
    writes: ['status'],
    condition: { status: 'False', reason: 'InvalidReference', says: ['would have 254 characters'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'none',
    inPlace: 'nothing',
  },
  {
    id: 'hash-collision',
    group,
    matrix: ['A20'],
    given: 'Another content that is kept in the namespace has the same short hash.',
    arrange: async (w) => {
      await w.delivered();
      await w.createOtherPolicy();
      const hash = await w.policyHash(w.otherPolicy);
      await w.api.create(controllerRevisions(w.namespace), {
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: `audit-policy-${hash}${sha256Hex(w.name).slice(8)}`,
          labels: { 'app.kubernetes.io/managed-by': 'audit-policy-operator' },
        },
        data: { policy: 'another content' },
        revision: 1,
      });
    },
    act: (w) => w.setReference(w.otherPolicy),
    writes: ['status'],
    condition: { status: 'False', reason: 'HashCollision', says: ['change it in any way'] },
    events: ['Warning ClusterAuditPolicyError'],
    requeue: 'after 1m',
    inPlace: 'as before',
  },
];

/** 55,000 names, each a line of 21 bytes. */
function manyUsers(): string[] {
  return Array.from({ length: 55_000 }, (_, index) => `user-${String(index).padStart(11, '0')}`);
}
