import {
  compareVersions,
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
