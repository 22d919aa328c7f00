import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import {
  readClusterDeployment,
  type ClusterDeployment,
} from '../../../src/plan/observed/cluster-deployment.ts';
import type { AdmissionRequest } from '../../../src/webhook/review.ts';

/** What the API server asks, as tests write it. */

type Json = Record<string, unknown>;

export function policyObject(policy: unknown, metadata: Json = {}): Json {
  return { metadata: { namespace: 'fleet', name: 'baseline', generation: 1, ...metadata }, spec: { policy } };
}

export function deploymentObject(spec: Json, metadata: Json = {}, status: Json = {}): Json {
  return { metadata: { namespace: 'fleet', name: 'edge-1', generation: 1, ...metadata }, spec, status };
}

export function policy(content: unknown): ClusterAuditPolicy {
  return readClusterAuditPolicy(policyObject(content));
}

export function deployment(name: string, metadata: Json = {}, status: Json = {}): ClusterDeployment {
  return readClusterDeployment(deploymentObject({ auditPolicy: 'baseline' }, { name, ...metadata }, status));
}

export function create(object: Json): AdmissionRequest {
  return { ...IDENTITY, operation: 'CREATE', object, oldObject: {} };
}

export function update(oldObject: Json, object: Json): AdmissionRequest {
  return { ...IDENTITY, operation: 'UPDATE', object, oldObject };
}

export function remove(oldObject: Json): AdmissionRequest {
  return { ...IDENTITY, operation: 'DELETE', object: {}, oldObject };
}

const IDENTITY = {
  uid: 'uid',
  kind: 'k0rdent.mirantis.com/ClusterAuditPolicy',
  namespace: 'fleet',
  name: 'baseline',
};
