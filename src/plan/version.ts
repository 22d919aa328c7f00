import {
  compareVersions,
  formatVersion,
  parseKubernetesVersion,
  type KubernetesVersion,
} from '../policy/kubernetes-version.ts';
import type { ClusterDeployment } from './observed/cluster-deployment.ts';
import type { HelmRelease } from './observed/helm-release.ts';

/** The Kubernetes version that a policy must suit, and how sure that is. */
export interface TargetVersion {
  version: KubernetesVersion;
  /** Nothing tells the version, or not for certain: the assumed one took part. */
  assumed: boolean;
  /** The lowest that the annotation and the status tell, certain or not; absent when neither tells any. */
  told?: KubernetesVersion;
  /** The annotation's text when it is no version; it then counts for nothing. */
  unreadableAnnotation?: string;
}

/**
 * The lowest version that may read the policy: of the annotation, and of `status.k8sVersion`. The status is copied
 * from the template and jumps before the machines do, so while Flux is rolling an installed release out the assumed
 * version counts as well, unless the annotation tells.
 */
export function targetVersion(
  deployment: ClusterDeployment,
  helmRelease: HelmRelease | undefined,
  assumedVersion: KubernetesVersion,
): TargetVersion {
  const annotated = parse(deployment.annotatedVersion);
  const reported = parse(deployment.statusVersion);
  const mayHaveBeenRaised = helmRelease !== undefined && helmRelease.installed && !helmRelease.settled;
  const assumed = annotated === undefined && (reported === undefined || mayHaveBeenRaised);
  const told = lowest(annotated, reported);
  return {
    version: (assumed ? lowest(told, assumedVersion) : told) ?? assumedVersion,
    assumed,
    ...(told === undefined ? {} : { told }),
    ...(deployment.annotatedVersion !== undefined && annotated === undefined
      ? { unreadableAnnotation: deployment.annotatedVersion }
      : {}),
  };
}

/** For which Kubernetes version the policy was checked, and whether that was a guess. */
export function versionSentence(target: TargetVersion): string {
  const version = formatVersion(target.version);
  if (target.unreadableAnnotation !== undefined) {
    return `Checked for Kubernetes ${version}; annotation auditpolicy.dev/kubernetes-version is ${JSON.stringify(target.unreadableAnnotation.slice(0, 40))}, write it like "v1.34".`;
  }
  return target.assumed
    ? `Checked for Kubernetes ${version} (assumed: nothing tells this cluster's version for certain).`
    : `Checked for Kubernetes ${version}.`;
}

function parse(text: string | undefined): KubernetesVersion | undefined {
  return text === undefined ? undefined : parseKubernetesVersion(text);
}

function lowest(
  a: KubernetesVersion | undefined,
  b: KubernetesVersion | undefined,
): KubernetesVersion | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareVersions(a, b) <= 0 ? a : b;
}
