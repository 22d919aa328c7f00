import type { Api, KubeObject } from '../../test/support/api.ts';
import { nextStatus } from '../../test/support/flux-status.ts';
import { auditPolicies, clusterDeployments, helmReleases, namespaces } from '../../test/support/kinds.ts';
import { IN_FLIGHT, inFlight } from '../in-flight.ts';
import { clusterDeploymentBody, clusterDeploymentStatus } from './cluster-deployment.ts';
import type { Fleet } from './fleet.ts';
import { helmReleaseBody } from './helm-release.ts';

/** Mean sizes in bytes, as JSON, of what was seeded, with managedFields, as the API server gives it. */
export interface SeedSizes {
  clusterDeployment: number;
  helmRelease: number;
}

const KCM = { fieldManager: 'manager' };

/**
 * Creates a fleet: namespace, policies, ClusterDeployments with a status, HelmReleases that Flux has settled.
 * @param onCluster is called after each cluster
 */
export async function seedFleet(
  api: Api,
  fleet: Fleet,
  signal: AbortSignal,
  onCluster: () => void,
): Promise<SeedSizes> {
  const { namespace, policies, clusters } = fleet;
  await api.create(namespaces(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await inFlight(policies, IN_FLIGHT, async ({ name, policy }) => {
    await api.create(auditPolicies(namespace), {
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterAuditPolicy',
      metadata: { name, namespace },
      spec: { policy },
    });
  });
  const now = new Date();
  const status = clusterDeploymentStatus(now.toISOString().replace(/\.\d+Z$/, 'Z'));
  const bytes = { clusterDeployment: 0, helmRelease: 0 };
  await inFlight(clusters, IN_FLIGHT, async (cluster) => {
    signal.throwIfAborted();
    await api.create(clusterDeployments(namespace), clusterDeploymentBody(namespace, cluster), {
      fieldManager: 'kubectl-client-side-apply',
    });
    const deployment = await api.patchStatus(clusterDeployments(namespace, cluster.name), status, KCM);
    const created = await api.create(helmReleases(namespace), helmReleaseBody(namespace, cluster), KCM);
    const release = await settle(api, created, now);
    bytes.clusterDeployment += jsonBytes(deployment);
    bytes.helmRelease += jsonBytes(release);
    onCluster();
  });
  return {
    clusterDeployment: Math.round(bytes.clusterDeployment / clusters.length),
    helmRelease: Math.round(bytes.helmRelease / clusters.length),
  };
}

/** Writes the status that helm-controller leaves when it has rolled the release out. */
async function settle(api: Api, release: KubeObject, now: Date): Promise<KubeObject> {
  const { namespace = '', name } = release.metadata;
  const status = nextStatus(release, 'succeeded', now);
  return await api.patchStatus(helmReleases(namespace, name), status, { fieldManager: 'helm-controller' });
}

/** Settles the named HelmReleases of a fleet as they are now. */
export async function settleReleases(api: Api, fleet: Fleet, names: readonly string[]): Promise<void> {
  const now = new Date();
  await inFlight(names, IN_FLIGHT, async (name) => {
    await settle(api, await api.get(helmReleases(fleet.namespace, name)), now);
  });
}

function jsonBytes(object: KubeObject): number {
  return Buffer.byteLength(JSON.stringify(object));
}
