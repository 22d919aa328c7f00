import { HELM_RELEASE_API_VERSION, POLICY_KEY, configMapName } from '../api/names.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import type { Owner, PolicyConfigMap } from './observed/config-map.ts';
import type { HelmRelease, PolicyRef } from './observed/helm-release.ts';
import type { ConfigMapContent, Observed } from './types.ts';

/** The values' reference to our ConfigMap: its hash is what the control plane was told to run. */
export function policyRefInPlace(observed: Observed): (PolicyRef & { hash: string }) | undefined {
  const ref = observed.helmRelease?.policyRef;
  if (ref?.name !== configMapName(observed.deployment.name) || ref.key !== POLICY_KEY || !ref.hash)
    return undefined;
  return { ...ref, hash: ref.hash };
}

/** The policy that the deployment names, if it may be delivered at all. */
export function acceptedPolicy(observed: Observed): AcceptedPolicy | undefined {
  return observed.policy?.content.accepted;
}

/** The content behind a hash that is in place: the policy named now, or a kept revision; undefined when neither has it. */
export function contentOf(hash: string, observed: Observed): ConfigMapContent | undefined {
  const kept = observed.keptRevisions.find((sha256) => sha256.startsWith(hash));
  const accepted = acceptedPolicy(observed);
  if (accepted?.hash === hash && (kept === undefined || kept === accepted.sha256)) {
    return { sha256: accepted.sha256, yaml: accepted.yaml };
  }
  return kept === undefined ? undefined : { sha256: kept, fromRevision: true };
}

export type Ownership = 'ours' | 'adoptable' | 'foreign';

/**
 * Whose a ConfigMap of our name is. The label alone proves nothing, since anybody can set it: it counts together with
 * the uid of the deployment, or with the very bytes that are in place or wanted (after a restore, which changes uids).
 * Without it, the one case in which a ConfigMap is taken over: KCM made it, and it holds exactly what is wanted.
 */
export function ownership(configMap: PolicyConfigMap, observed: Observed): Ownership {
  const wanted = acceptedPolicy(observed)?.sha256;
  const inPlace = policyRefInPlace(observed)?.hash;
  const { sha256 } = configMap;
  if (configMap.labelled) {
    const known =
      configMap.deploymentUid === observed.deployment.uid ||
      (sha256 !== undefined && (sha256 === wanted || (inPlace !== undefined && sha256.startsWith(inPlace))));
    return known ? 'ours' : 'foreign';
  }
  const madeByKcm = configMap.managedByKcm || (inPlace !== undefined && sha256?.startsWith(inPlace) === true);
  const onlyThePolicy = configMap.extraKeys.length === 0 && configMap.extraBinaryKeys.length === 0;
  return madeByKcm && onlyThePolicy && sha256 !== undefined && sha256 === wanted ? 'adoptable' : 'foreign';
}

/** Who owns the ConfigMap: what mounts it, so that it lives exactly as long. */
export function wantedOwner(observed: Observed, helmRelease: HelmRelease): Owner {
  const { capiCluster } = observed;
  return capiCluster
    ? { apiVersion: capiCluster.apiVersion, kind: 'Cluster', name: capiCluster.name, uid: capiCluster.uid }
    : {
        apiVersion: HELM_RELEASE_API_VERSION,
        kind: 'HelmRelease',
        name: helmRelease.name,
        uid: helmRelease.uid,
      };
}

/** Whether a ConfigMap holds these bytes and nothing else. */
export function holdsExactly(configMap: PolicyConfigMap, sha256: string): boolean {
  return (
    configMap.sha256 === sha256 && configMap.extraKeys.length === 0 && configMap.extraBinaryKeys.length === 0
  );
}

/** Whether everything about our ConfigMap but its content is as it should be. */
export function hasRightMetadata(
  configMap: PolicyConfigMap,
  sha256: string,
  owner: Owner,
  observed: Observed,
): boolean {
  return (
    configMap.labelled &&
    configMap.deploymentUid === observed.deployment.uid &&
    configMap.annotatedSha256 === sha256 &&
    configMap.releasedAt === undefined &&
    configMap.owners.length === 1 &&
    configMap.owners[0]?.uid === owner.uid
  );
}

/** Whether the cluster has exactly the wanted policy: ConfigMap and values. */
export function isDelivered(observed: Observed): boolean {
  const wanted = acceptedPolicy(observed);
  const { configMap } = observed;
  return (
    wanted !== undefined &&
    configMap !== undefined &&
    policyRefInPlace(observed)?.hash === wanted.hash &&
    holdsExactly(configMap, wanted.sha256)
  );
}
