import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../../../src/plan/observed/audit-policy.ts';
import { readCapiCluster } from '../../../src/plan/observed/capi-cluster.ts';
import { readClusterDeployment } from '../../../src/plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap } from '../../../src/plan/observed/config-map.ts';
import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import type { Observed, PlanSettings } from '../../../src/plan/types.ts';
import type { AcceptedPolicy } from '../../../src/policy/content.ts';

/** The state of one cluster as JSON, as the API server would give it, and a way to spell only what matters. */

export const NOW = Date.parse('2026-11-01T12:00:00Z');
export const settings: PlanSettings = {
  assumedVersion: { major: 1, minor: 34 },
  rollDeadlineMs: 30 * 60_000,
  configMapRetentionMs: 60 * 60_000,
  maxConcurrentChanges: 10,
  lookAgainMs: 60_000,
};

type Json = Record<string, unknown>;

export function policy(rules: unknown = [{ level: 'Metadata' }], annotations: Json = {}): ClusterAuditPolicy {
  return readClusterAuditPolicy({
    metadata: {
      name: 'p',
      namespace: 'ns',
      uid: 'policy-uid',
      resourceVersion: '1',
      generation: 1,
      annotations,
    },
    spec: { policy: { rules } },
  });
}

export function accepted(of: ClusterAuditPolicy): AcceptedPolicy {
  const found = of.content.accepted;
  if (found === undefined) throw new Error('the fixture is refused');
  return found;
}

export function deployment(spec: Json = { auditPolicy: 'p' }, status: Json = {}, annotations: Json = {}) {
  return readClusterDeployment({
    metadata: {
      name: 'c',
      namespace: 'ns',
      uid: 'cd-uid',
      resourceVersion: '10',
      generation: 3,
      annotations,
    },
    spec,
    status,
  });
}

export const SETTLED: Json = {
  observedGeneration: 1,
  lastAttemptedGeneration: 1,
  lastAttemptedConfigDigest: 'sha256:a',
  conditions: [{ type: 'Ready', status: 'True', reason: 'UpgradeSucceeded' }],
  history: [{ status: 'deployed', configDigest: 'sha256:a', version: 1 }],
};

export interface ReleaseParts {
  values?: Json;
  spec?: Json;
  status?: Json;
  metadata?: Json;
  /** Field managers that own the policyRef, with the time of their write. */
  owners?: { manager: string; time: string; operation?: string }[];
}

export function helmRelease({
  values = {},
  spec = {},
  status = SETTLED,
  metadata = {},
  owners = [],
}: ReleaseParts = {}) {
  return readHelmRelease({
    metadata: {
      name: 'c',
      namespace: 'ns',
      uid: 'hr-uid',
      resourceVersion: '20',
      generation: 1,
      managedFields: owners.map((owner) => ({
        ...owner,
        fieldsV1: {
          'f:spec': {
            'f:values': {
              'f:audit': { 'f:policyRef': { '.': {}, 'f:name': {}, 'f:key': {}, 'f:hash': {} } },
            },
          },
        },
      })),
      ...metadata,
    },
    spec: { values, ...spec },
    status,
  });
}

/** Values that name our ConfigMap with this hash, written by us at the given time. */
export function delivered(hash: string, parts: ReleaseParts = {}) {
  return helmRelease({
    ...parts,
    values: { audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash } }, ...parts.values },
    owners: parts.owners ?? [
      { manager: 'audit-policy-operator', operation: 'Apply', time: '2026-11-01T11:50:00Z' },
    ],
  });
}

export interface ConfigMapParts {
  labels?: Json;
  annotations?: Json;
  metadata?: Json;
  data?: Json;
}

/** Our ConfigMap with this content; parts replace what would be right. */
export function configMap(content: AcceptedPolicy, parts: ConfigMapParts = {}) {
  return readPolicyConfigMap({
    metadata: {
      name: 'c-audit-policy',
      namespace: 'ns',
      uid: 'cm-uid',
      resourceVersion: '30',
      labels: parts.labels ?? { 'app.kubernetes.io/managed-by': 'audit-policy-operator' },
      annotations: {
        'auditpolicy.dev/cluster-deployment-uid': 'cd-uid',
        'auditpolicy.dev/policy': 'p',
        'auditpolicy.dev/sha256': content.sha256,
        ...parts.annotations,
      },
      ownerReferences: [
        { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'hr-uid' },
      ],
      ...parts.metadata,
    },
    data: parts.data ?? { policy: content.yaml },
  });
}

export function capiCluster() {
  return readCapiCluster({
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'Cluster',
    metadata: {
      name: 'c',
      namespace: 'ns',
      uid: 'capi-uid',
      resourceVersion: '40',
      labels: { 'helm.toolkit.fluxcd.io/name': 'c' },
    },
  });
}

/** A cluster that names policy `p`, which exists, with a settled HelmRelease and nothing delivered yet. */
export function observed(parts: Partial<Observed> = {}): Observed {
  return {
    now: NOW,
    kcmPresent: false,
    deployment: deployment(),
    policy: policy(),
    helmRelease: helmRelease(),
    keptRevisions: [],
    changesElsewhere: 0,
    ...parts,
  };
}

/** A cluster in which this content is in place, kept and settled. */
export function inPlaceOf(content: AcceptedPolicy): Observed {
  return observed({
    helmRelease: delivered(content.hash),
    configMap: configMap(content),
    keptRevisions: [content.sha256],
  });
}

/** The same without some of its parts: what does not exist. */
export function without(from: Observed, ...parts: ('policy' | 'helmRelease' | 'configMap')[]): Observed {
  const { policy, helmRelease, configMap, ...rest } = from;
  return {
    ...rest,
    ...(policy && !parts.includes('policy') ? { policy } : {}),
    ...(helmRelease && !parts.includes('helmRelease') ? { helmRelease } : {}),
    ...(configMap && !parts.includes('configMap') ? { configMap } : {}),
  };
}
