import { CLUSTER_CONDITION } from '../../src/api/reasons.ts';
import {
  FIELD_MANAGER,
  HELM_RELEASE_API_VERSION,
  K0RDENT_API_VERSION,
  configMapName,
} from '../../src/api/names.ts';
import { configMapBody, policyRefApply } from '../../src/plan/manifests.ts';
import { readClusterDeployment } from '../../src/plan/observed/cluster-deployment.ts';
import { readHelmRelease } from '../../src/plan/observed/helm-release.ts';
import type { KubeObject } from '../../test/support/api.ts';
import { clusterDeployments, configMaps, helmReleases } from '../../test/support/kinds.ts';
import type { BenchPolicy } from '../fleet/policies.ts';
import type { BareRequest } from './bare-client.ts';

const APPLY = 'application/apply-patch+yaml';
const MANAGER = `fieldManager=${FIELD_MANAGER}`;

/**
 * The three writes that put a policy in place on a cluster that has none, with the operator's own bodies: what no
 * operator can do without.
 */
export function coldWrites(
  deployment: KubeObject,
  release: KubeObject,
  policy: BenchPolicy,
  now: string,
): BareRequest[] {
  const { namespace = '', name, uid } = deployment.metadata;
  const owner = {
    apiVersion: HELM_RELEASE_API_VERSION,
    kind: 'HelmRelease',
    name: release.metadata.name,
    uid: release.metadata.uid,
  };
  const message =
    `Policy "${policy.name}" (hash ${policy.hash}) is in ConfigMap "${configMapName(name)}" and in the values of ` +
    `HelmRelease "${name}". Checked for Kubernetes 1.34.`;
  const condition = {
    type: CLUSTER_CONDITION,
    status: 'True',
    reason: 'Succeeded',
    message,
    observedGeneration: deployment.metadata.generation,
    lastTransitionTime: now,
  };
  return [
    {
      method: 'POST',
      path: `${configMaps(namespace)}?${MANAGER}`,
      contentType: 'application/json',
      body: JSON.stringify(
        configMapBody(readClusterDeployment(deployment), {
          yaml: policy.yaml,
          sha256: policy.sha256,
          owner,
          policy: policy.name,
          before: readHelmRelease(release),
        }),
      ),
    },
    policyRefWrite(release, policy),
    {
      method: 'PATCH',
      path: `${clusterDeployments(namespace, name)}/status?${MANAGER}&force=true`,
      contentType: APPLY,
      body: JSON.stringify({
        apiVersion: K0RDENT_API_VERSION,
        kind: 'ClusterDeployment',
        metadata: { name, namespace, uid },
        status: { conditions: [condition] },
      }),
    },
  ];
}

/** The two writes that deliver another policy. The condition that follows them is not part of what is timed. */
export function changeWrites(release: KubeObject, policy: BenchPolicy): BareRequest[] {
  const { namespace = '', name } = release.metadata;
  return [
    {
      method: 'PATCH',
      path: `${configMaps(namespace, configMapName(name))}?${MANAGER}`,
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({
        metadata: { annotations: { 'auditpolicy.dev/sha256': policy.sha256 } },
        data: { policy: policy.yaml },
      }),
    },
    policyRefWrite(release, policy),
  ];
}

function policyRefWrite(release: KubeObject, policy: BenchPolicy): BareRequest {
  const { namespace = '', name } = release.metadata;
  return {
    method: 'PATCH',
    path: `${helmReleases(namespace, name)}?${MANAGER}`,
    contentType: APPLY,
    body: JSON.stringify(policyRefApply(readHelmRelease(release), policy.hash)),
  };
}
