import type { Api, KubeObject } from './api.ts';
import { auditPolicies, clusterDeployments, helmReleases } from './kinds.ts';

/** Objects of a fleet, as a platform team and KCM or Flux would write them. */

type Json = Record<string, unknown>;

export const METADATA_RULES = [{ level: 'Metadata' }];
export const REQUEST_RULES = [{ level: 'Request' }];
export const NONE_FOR_BOB = [{ level: 'None', users: ['bob'] }, { level: 'Metadata' }];

export function policyManifest(name: string, rules: unknown, annotations: Json = {}): Json {
  return {
    apiVersion: 'k0rdent.mirantis.com/v1beta1',
    kind: 'ClusterAuditPolicy',
    metadata: { name, annotations },
    spec: { policy: { rules } },
  };
}

export function deploymentManifest(name: string, spec: Json = {}, annotations: Json = {}): Json {
  return {
    apiVersion: 'k0rdent.mirantis.com/v1beta1',
    kind: 'ClusterDeployment',
    metadata: { name, annotations },
    spec: { template: 'template-1', credential: 'credential-1', ...spec },
  };
}

export function releaseManifest(name: string, values: Json = {}, spec: Json = {}, labels: Json = {}): Json {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, labels },
    spec: { interval: '10m', chartRef: { kind: 'HelmChart', name: 'template-1' }, values, ...spec },
  };
}

/** A fleet in one namespace: makes and reads its objects. */
export interface Fleet {
  readonly namespace: string;
  createPolicy(name: string, rules?: unknown): Promise<KubeObject>;
  editPolicy(name: string, rules: unknown): Promise<KubeObject>;
  createDeployment(name: string, spec?: Json): Promise<KubeObject>;
  setReference(name: string, auditPolicy: string | null): Promise<KubeObject>;
  createRelease(name: string, values?: Json, spec?: Json): Promise<KubeObject>;
  release(name: string): Promise<KubeObject>;
  deployment(name: string): Promise<KubeObject>;
}

export function fleet(api: Api, namespace: string): Fleet {
  return {
    namespace,
    createPolicy: (name, rules = METADATA_RULES) =>
      api.create(auditPolicies(namespace), policyManifest(name, rules)),
    editPolicy: (name, rules) =>
      api.mergePatch(auditPolicies(namespace, name), { spec: { policy: { rules } } }),
    createDeployment: (name, spec = {}) =>
      api.create(clusterDeployments(namespace), deploymentManifest(name, spec)),
    setReference: (name, auditPolicy) =>
      api.mergePatch(clusterDeployments(namespace, name), { spec: { auditPolicy } }),
    createRelease: (name, values = {}, spec = {}) =>
      api.create(helmReleases(namespace), releaseManifest(name, values, spec)),
    release: (name) => api.get(helmReleases(namespace, name)),
    deployment: (name) => api.get(clusterDeployments(namespace, name)),
  };
}
