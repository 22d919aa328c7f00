import { clusterConfig } from './cluster-deployment.ts';
import type { BenchCluster } from './fleet.ts';

/** The HelmRelease that k0rdent makes of a ClusterDeployment; its status comes from the stand-in for Flux. */
export function helmReleaseBody(namespace: string, { name }: BenchCluster): object {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace, labels: { 'bench/region': 'eu-central-1', 'bench/stage': 'production' } },
    spec: {
      interval: '10m',
      timeout: '20m',
      releaseName: name,
      chartRef: { kind: 'HelmChart', name: 'openstack-hosted-cp-1-0-12', namespace: 'kcm-system' },
      install: { remediation: { retries: 3 } },
      upgrade: { remediation: { retries: 3 } },
      values: {
        ...clusterConfig(name),
        clusterIdentity: {
          apiVersion: 'v1',
          kind: 'Secret',
          name: 'openstack-cluster-identity',
          namespace: 'kcm-system',
        },
        dataSource: {
          kind: 'etcd',
          endpoints: ['https://etcd-0.example.com:2379', 'https://etcd-1.example.com:2379'],
        },
        cloudControllerManager: { image: 'registry.example.com/openstack-ccm:v1.34.0', logLevel: 2 },
        csi: {
          image: 'registry.example.com/cinder-csi:v1.34.0',
          topology: true,
          storageClasses: ['fast', 'slow'],
        },
        network: {
          podCidr: '10.244.0.0/16',
          serviceCidr: '10.96.0.0/12',
          mtu: 1450,
          ntp: 'ntp.example.com',
          dns: ['192.0.2.1', '192.0.2.2'],
        },
        proxy: {
          http: 'http://proxy.example.com:3128',
          noProxy: '10.0.0.0/8,192.168.0.0/16,.example.com,.svc',
        },
        global: { registry: 'registry.example.com', hubURL: 'https://charts.example.com' },
      },
    },
  };
}
