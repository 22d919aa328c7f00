import type { BenchCluster } from './fleet.ts';

/** Made by the cluster's owner with kubectl: about 3 KB, twice over in the last-applied annotation. */
export function clusterDeploymentBody(namespace: string, { name, policy }: BenchCluster): object {
  const identity = {
    apiVersion: 'k0rdent.mirantis.com/v1beta1',
    kind: 'ClusterDeployment',
  };
  const labels = { 'bench/region': 'eu-central-1', 'bench/stage': 'production', 'bench/team': 'platform' };
  const spec = { ...clusterSpec(name), auditPolicy: policy.name };
  const lastApplied = JSON.stringify({ ...identity, metadata: { name, namespace, labels }, spec });
  return {
    ...identity,
    metadata: {
      name,
      namespace,
      labels,
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied },
    },
    spec,
  };
}

function clusterSpec(name: string): object {
  return {
    template: 'openstack-hosted-cp-1-0-12',
    credential: 'openstack-cluster-identity-cred',
    propagateCredentials: true,
    ipamClaim: { name: `${name}-addresses` },
    cleanupOnDeletion: true,
    config: clusterConfig(name),
    serviceSpec: {
      syncMode: 'Continuous',
      priority: 100,
      services: ['ingress-nginx-4-12-1', 'cert-manager-1-17-2'].map((template) => ({
        template,
        name: template.replace(/-\d.*$/, ''),
        namespace: 'platform',
        values: 'controller:\n  replicaCount: 2\n  resources:\n    requests: {cpu: 100m, memory: 128Mi}\n',
      })),
    },
  };
}

/** The template's values, which whoever makes the HelmRelease copies there. */
export function clusterConfig(name: string): object {
  const flavor = {
    flavor: 'm1.large',
    image: { filter: { name: 'ubuntu-24.04-x86_64' } },
    rootVolume: { sizeGiB: 80 },
  };
  return {
    controlPlaneNumber: 3,
    workersNumber: 5,
    controlPlane: { ...flavor, sshPublicKey: 'platform', securityGroups: [{ filter: { name: 'default' } }] },
    worker: { ...flavor, flavor: 'm1.xlarge', sshPublicKey: 'platform' },
    bastion: { enabled: false, flavor: 'm1.small', image: 'ubuntu-24.04-x86_64' },
    authURL: 'https://identity.example.com:5000/v3',
    externalNetwork: { filter: { name: 'public' } },
    identityRef: { cloudName: 'openstack', region: 'RegionOne', name: 'openstack-cluster-identity' },
    clusterLabels: { 'example.com/cluster': name, 'example.com/cost-center': '4711' },
    k0s: { version: 'v1.34.3+k0s.0', api: { extraArgs: { 'oidc-issuer-url': 'https://login.example.com' } } },
    audit: { logPath: '/var/log/k0s-audit/audit.log', logMaxAge: 7, logMaxSize: 50, logMaxBackup: 7 },
  };
}

/** The eight conditions that k0rdent keeps there, beside the audit policy's own. */
export const CLUSTER_CONDITIONS = [
  ['Ready', 'Succeeded', 'Object is ready'],
  ['CredentialReady', 'Succeeded', 'Credential is Ready'],
  ['TemplateReady', 'Succeeded', 'Template is valid'],
  ['HelmChartReady', 'Succeeded', 'Helm chart is valid'],
  ['HelmReleaseReady', 'InstallSucceeded', 'Helm install succeeded'],
  [
    'CAPIClusterSummary',
    'InfoReported',
    'All Cluster API objects of the cluster are available and up to date',
  ],
  ['ServicesInReadyState', 'Succeeded', '2/2'],
  ['ServicesReferencesValidation', 'Succeeded', 'Services are valid'],
] as const;

/** The status that k0rdent has written when the cluster stands. */
export function clusterDeploymentStatus(now: string): object {
  return {
    observedGeneration: 1,
    k8sVersion: 'v1.34.3+k0s.0',
    availableUpgrades: ['openstack-hosted-cp-1-0-13', 'openstack-hosted-cp-1-1-0'],
    conditions: CLUSTER_CONDITIONS.map(([type, reason, message]) => ({
      type,
      status: 'True',
      reason,
      message,
      observedGeneration: 1,
      lastTransitionTime: now,
    })),
    services: ['ingress-nginx', 'cert-manager'].map((name) => ({
      type: 'Helm',
      name,
      namespace: 'platform',
      state: 'Deployed',
      lastStateTransitionTime: now,
    })),
  };
}
