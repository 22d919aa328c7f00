import {
  CAPI_GROUP,
  FIELD_MANAGER,
  HELM_RELEASE_API_VERSION,
  POLICY_KEY,
  configMapName,
} from '../api/names.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import type { FoundOwner, Owner, PolicyConfigMap } from './observed/config-map.ts';
import type { HelmRelease, PolicyRef } from './observed/helm-release.ts';
import type { ConfigMapContent, Observed } from './types.ts';

/** The values' reference to our ConfigMap: its hash is what the control plane was told to run. */
export function policyRefInPlace(
  observed: Pick<Observed, 'deployment' | 'helmRelease'>,
): (PolicyRef & { hash: string }) | undefined {
  const ref = observed.helmRelease?.policyRef;
  const { name, key, hash } = ref ?? {};
  if (ref === undefined || hash === undefined || !/^[0-9a-f]{8}$/.test(hash)) return undefined;
  return name === configMapName(observed.deployment.name) && key === POLICY_KEY
    ? { ...ref, hash }
    : undefined;
}

/** The policy that the deployment names, if it may be delivered at all. */
export function acceptedPolicy(observed: Pick<Observed, 'policy'>): AcceptedPolicy | undefined {
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
 * Whose a ConfigMap of our name is. Label and uid prove nothing by themselves, since whoever may write ConfigMaps can set
 * them, and their absence neither, since anybody can strip them. It is ours when the values that we wrote name it; when it
 * wears our label and holds the very bytes that are in place or wanted (after a restore, which changes uids); or when it
 * wears label and uid, and either the values name it or it holds bytes that we have kept. Else, the one case in which a ConfigMap
 * is taken over: KCM made it, and it holds exactly what is wanted.
 */
export function ownership(configMap: PolicyConfigMap, observed: Observed): Ownership {
  const { helmRelease, deployment } = observed;
  const wanted = acceptedPolicy(observed)?.sha256;
  const inPlace = policyRefInPlace(observed)?.hash;
  const { sha256 } = configMap;
  if (inPlace !== undefined && helmRelease !== undefined && appliesPolicyRef(helmRelease)) return 'ours';
  if (configMap.labelled) {
    const isMarked = configMap.deploymentUid === deployment.uid;
    const isMounted = inPlace !== undefined;
    const isKnown =
      sha256 !== undefined &&
      (sha256 === wanted ||
        (isMounted && sha256.startsWith(inPlace)) ||
        (isMarked && observed.keptRevisions.includes(sha256)));
    return isKnown || (isMarked && isMounted) ? 'ours' : 'foreign';
  }
  const madeByKcm = configMap.managedByKcm || (inPlace !== undefined && sha256?.startsWith(inPlace) === true);
  const onlyThePolicy = configMap.extraKeys.length === 0 && configMap.extraBinaryKeys.length === 0;
  return madeByKcm && onlyThePolicy && sha256 !== undefined && sha256 === wanted ? 'adoptable' : 'foreign';
}

/** Whether our field manager owns keys of the reference by server-side apply: then we wrote it. */
export function appliesPolicyRef({ policyRefOwners }: HelmRelease): boolean {
  return policyRefOwners.some(({ manager, applies }) => manager === FIELD_MANAGER && applies);
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

/** Owners that somebody else put there; they are not ours to remove. */
export function foreignOwners(configMap: PolicyConfigMap): FoundOwner[] {
  return configMap.owners.filter((owner) => !isMounter(owner));
}

/** Of the kinds that mount the policy: one of these is ours, whatever its uid once was. */
function isMounter({ apiVersion, kind }: Owner): boolean {
  const [group] = apiVersion.split('/');
  return (
    (kind === 'HelmRelease' && group === 'helm.toolkit.fluxcd.io') ||
    (kind === 'Cluster' && group === CAPI_GROUP)
  );
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
  const owners = configMap.owners.filter(isMounter);
  return (
    configMap.labelled &&
    configMap.deploymentUid === observed.deployment.uid &&
    configMap.annotatedSha256 === sha256 &&
    configMap.policy === observed.deployment.auditPolicy &&
    configMap.releasedAt === undefined &&
    owners.length === 1 &&
    isExactly(owners[0], owner)
  );
}

/**
 * A wrong name with the right uid would have the ConfigMap collected as garbage, and flags that we do not set could hold up the
 * deletion of the owner.
 */
function isExactly(found: FoundOwner | undefined, { apiVersion, kind, name, uid }: Owner): boolean {
  return (
    found?.uid === uid &&
    found.name === name &&
    found.kind === kind &&
    found.apiVersion === apiVersion &&
    found.raw.controller !== true &&
    found.raw.blockOwnerDeletion !== true
  );
}

/** Whether the cluster has exactly the wanted policy: ConfigMap and values. */
export function isDelivered(
  observed: Pick<Observed, 'policy' | 'deployment' | 'helmRelease' | 'configMap'>,
): boolean {
  const wanted = acceptedPolicy(observed);
  const { configMap } = observed;
  return (
    wanted !== undefined &&
    configMap !== undefined &&
    policyRefInPlace(observed)?.hash === wanted.hash &&
    holdsExactly(configMap, wanted.sha256)
  );
}
