import {
  ANNOTATION_BEFORE,
  ANNOTATION_DEPLOYMENT_UID,
  ANNOTATION_POLICY,
  ANNOTATION_RELEASED_AT,
  ANNOTATION_REVERTED,
  ANNOTATION_SHA256,
  FIELD_MANAGER,
  HELM_RELEASE_API_VERSION,
  LABEL_HASH,
  LABEL_MANAGED_BY,
  POLICY_KEY,
  configMapName,
  revisionName,
} from '../api/names.ts';
import type { ClusterDeployment } from './observed/cluster-deployment.ts';
import { foreignOwners } from './in-place.ts';
import type { HelmReleaseVersion, Owner, PolicyConfigMap, Reverts } from './observed/config-map.ts';
import type { HelmRelease } from './observed/helm-release.ts';

/** The bodies of all writes, as plain JSON. Without a uid (files, no cluster) what needs one is left out. */

/** What a ConfigMap of ours should be. */
export interface WantedConfigMap {
  yaml: string;
  /** Of `yaml`. */
  sha256: string;
  owner: Owner;
  /** The ClusterAuditPolicy that the content comes from, where that is known. */
  policy?: string;
  /** The HelmRelease whose values are written next; absent when they stay. */
  before?: HelmReleaseVersion;
  /** What the ConfigMap goes on saying was delivered, where that is not what it holds. */
  delivered?: string;
  /** The turns of another writer, counted. */
  reverts?: Reverts;
}

/** The ConfigMap of a deployment, new. `data.policy` is byte for byte what KCM writes. */
export function configMapBody(deployment: ClusterDeployment, wanted: WantedConfigMap): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(deployment.name),
      namespace: deployment.namespace,
      ...ours(deployment, wanted),
    },
    data: { [POLICY_KEY]: wanted.yaml },
  };
}

/**
 * A merge patch that makes an existing ConfigMap of ours right, and holds only for the version that was read. Labels
 * and annotations of others stay; keys of others in the data go, since the control plane may mount them all.
 */
export function configMapPatch(
  configMap: PolicyConfigMap,
  deployment: ClusterDeployment,
  wanted: WantedConfigMap,
): object {
  const { sha256, yaml, owner } = wanted;
  const { annotations, labels } = ours(deployment, wanted);
  return {
    metadata: {
      resourceVersion: configMap.resourceVersion,
      labels,
      annotations: {
        [ANNOTATION_RELEASED_AT]: null,
        [ANNOTATION_REVERTED]: null,
        ...annotations,
      },
      ownerReferences: [...foreignOwners(configMap).map(({ raw }) => raw), owner],
    },
    ...(configMap.sha256 === sha256 && configMap.extraKeys.length === 0
      ? {}
      : { data: { ...nulls(configMap.extraKeys), [POLICY_KEY]: yaml } }),
    ...(configMap.extraBinaryKeys.length > 0 ? { binaryData: nulls(configMap.extraBinaryKeys) } : {}),
  };
}

/**
 * The same as a JSON patch that leaves nothing of others: for when what they have hung on it makes it too large for ours.
 */
export function configMapReset(
  { resourceVersion, extraBinaryKeys }: PolicyConfigMap,
  deployment: ClusterDeployment,
  wanted: WantedConfigMap,
): object[] {
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...Object.entries(ours(deployment, wanted)).map(([key, value]) => ({
      op: 'add',
      path: `/metadata/${key}`,
      value,
    })),
    { op: 'add', path: '/data', value: { [POLICY_KEY]: wanted.yaml } },
    ...(extraBinaryKeys.length > 0 ? [{ op: 'remove', path: '/binaryData' }] : []),
  ];
}

/** Puts our label back on the version that was read, and changes nothing else. */
export function labelPatch({ uid, resourceVersion }: PolicyConfigMap): object {
  return { metadata: { uid, resourceVersion, labels: { [LABEL_MANAGED_BY]: FIELD_MANAGER } } };
}

/** Takes everybody's finalizers from a ConfigMap that has to make room; a uid holds the patch to that one. */
export function unfinalizedPatch({ uid }: PolicyConfigMap): object {
  return { metadata: { uid, finalizers: null } };
}

function ours(deployment: ClusterDeployment, wanted: WantedConfigMap) {
  const { sha256, owner, policy, before, delivered, reverts } = wanted;
  return {
    labels: { [LABEL_MANAGED_BY]: FIELD_MANAGER },
    annotations: {
      ...(deployment.uid ? { [ANNOTATION_DEPLOYMENT_UID]: deployment.uid } : {}),
      ...(before === undefined ? {} : { [ANNOTATION_BEFORE]: `${before.uid}/${before.generation}` }),
      ...(policy === undefined ? {} : { [ANNOTATION_POLICY]: policy }),
      ...(reverts === undefined ? {} : { [ANNOTATION_REVERTED]: countOf(reverts) }),
      [ANNOTATION_SHA256]: delivered ?? sha256,
    },
    ...(owner.uid ? { ownerReferences: [owner] } : {}),
  };
}

function countOf({ helmReleaseUid, count }: Reverts): string {
  return `${helmReleaseUid}/${count}`;
}

function nulls(keys: readonly string[]): Record<string, null> {
  return Object.fromEntries(keys.map((key) => [key, null]));
}

/**
 * Marks a ConfigMap that the values no longer name; only the version that was read. With our label and the uid of the deployment
 * that gives it up, since nothing but these tells whose it is from now on.
 */
export function releasedPatch(
  configMap: PolicyConfigMap,
  deployment: ClusterDeployment,
  releasedAt: string,
): object {
  return {
    metadata: {
      resourceVersion: configMap.resourceVersion,
      labels: { [LABEL_MANAGED_BY]: FIELD_MANAGER },
      annotations: { [ANNOTATION_DEPLOYMENT_UID]: deployment.uid, [ANNOTATION_RELEASED_AT]: releasedAt },
    },
  };
}

/**
 * The server-side apply of the reference: our three keys and nothing else. The uid makes the API server answer 409
 * rather than create a release that is gone; the resourceVersion, where given, holds it to what was read.
 */
export function policyRefApply(helmRelease: HelmRelease, hash: string, resourceVersion?: string): object {
  const { metadata, ...identity } = helmReleaseIdentity(helmRelease);
  return {
    ...identity,
    metadata: { ...metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: {
      values: { audit: { policyRef: { name: configMapName(helmRelease.name), key: POLICY_KEY, hash } } },
    },
  };
}

/** The server-side apply that gives our keys back: it names none. */
export function policyRefRelease(helmRelease: HelmRelease): object {
  return helmReleaseIdentity(helmRelease);
}

function helmReleaseIdentity({ name, namespace, uid }: HelmRelease) {
  return {
    apiVersion: HELM_RELEASE_API_VERSION,
    kind: 'HelmRelease',
    metadata: { name, namespace, ...(uid ? { uid } : {}) },
  };
}

const POLICY_REF_POINTER = '/spec/values/audit/policyRef';

/** The JSON patch that removes a reference which another manager left behind, if it still says what was seen. */
export function policyRefRemoval({ uid, resourceVersion, policyRef }: HelmRelease): object[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'test', path: POLICY_REF_POINTER, value: policyRef?.raw },
    { op: 'remove', path: POLICY_REF_POINTER },
  ];
}

/** The second copy of a content, owned by nobody: it outlives every ConfigMap that uses it. */
export function revisionBody(namespace: string, sha256: string, yaml: string): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(sha256),
      namespace,
      labels: { [LABEL_MANAGED_BY]: FIELD_MANAGER, [LABEL_HASH]: sha256.slice(0, 8) },
    },
    data: { [POLICY_KEY]: yaml },
    revision: 1,
  };
}
