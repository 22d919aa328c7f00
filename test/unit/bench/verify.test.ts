import { clusterDeploymentBody, clusterDeploymentStatus } from '../../../bench/fleet/cluster-deployment.ts';
import { planFleet } from '../../../bench/fleet/fleet.ts';
import { helmReleaseBody } from '../../../bench/fleet/helm-release.ts';
import { benchPolicies } from '../../../bench/fleet/policies.ts';
import { clusterFaults } from '../../../bench/fleet/verify.ts';
import type { KubeObject } from '../../support/api.ts';
import { asArray, asRecord, dig } from '../../support/json.ts';

const NAMESPACE = 'fleet';
const [cluster] = planFleet(NAMESPACE, 1, benchPolicies(2)).clusters;
const { name, policy } = cluster!;
const meta = { name, namespace: NAMESPACE, uid: 'u', resourceVersion: '1', creationTimestamp: '' };
const reference = { name: `${name}-audit-policy`, key: 'policy', hash: policy.hash };

function configMap(data: Record<string, string> = { policy: policy.yaml }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, data };
}

function release(policyRef: object = reference, more: object = {}): KubeObject {
  const values = asRecord(dig(helmReleaseBody(NAMESPACE, cluster!), 'spec', 'values'), 'values');
  const audit = { ...asRecord(values.audit, 'audit'), policyRef };
  return {
    apiVersion: 'v2',
    kind: 'HelmRelease',
    metadata: meta,
    spec: { values: { ...values, audit, ...more } },
  };
}

function deployment(ours: object[] = [condition()], without = ''): KubeObject {
  const status = asRecord(clusterDeploymentStatus('2026-01-01T00:00:00Z'), 'status');
  const conditions = asArray(status.conditions, 'conditions').filter((each) => dig(each, 'type') !== without);
  const body = asRecord(clusterDeploymentBody(NAMESPACE, cluster!), 'body');
  return {
    ...body,
    apiVersion: 'v1beta1',
    kind: 'ClusterDeployment',
    metadata: meta,
    status: { ...status, conditions: [...conditions, ...ours] },
  };
}

function condition(hash = policy.hash, status = 'True'): object {
  return { type: 'ClusterAuditPolicyReady', status, message: `hash ${hash} is in place` };
}

const right = { configMap: configMap(), release: release(), deployment: deployment() };

test('a cluster with everything in place has no fault', () => {
  expect(clusterFaults(NAMESPACE, cluster!, right)).toEqual([]);
});

test.each([
  ['no ConfigMap', { configMap: undefined }],
  ['one byte too many', { configMap: configMap({ policy: `${policy.yaml}\n` }) }],
  ['another key', { configMap: configMap({ policy: policy.yaml, more: '' }) }],
  ['no HelmRelease', { release: undefined }],
  ['no reference', { release: release(reference, { audit: {} }) }],
  ['another hash', { release: release({ ...reference, hash: '00000000' }) }],
  ['another key in the reference', { release: release({ ...reference, more: 1 }) }],
  ["the user's values changed", { release: release(reference, { workersNumber: 6 }) }],
  ['no condition', { deployment: deployment([]) }],
  ['condition of another hash', { deployment: deployment([condition('00000000')]) }],
  ['condition False', { deployment: deployment([condition(policy.hash, 'False')]) }],
  ["a condition of k0rdent's gone", { deployment: deployment([condition()], 'TemplateReady') }],
])('%s is a fault', (_, wrong) => {
  expect(clusterFaults(NAMESPACE, cluster!, { ...right, ...wrong })).not.toEqual([]);
});

test('the condition twice is a fault', () => {
  const objects = { ...right, deployment: deployment([condition(), condition()]) };
  expect(clusterFaults(NAMESPACE, cluster!, objects)).toHaveLength(1);
});
