import type { Observed } from './types.ts';

/** Why the control plane's objects are not in this cluster and namespace, in words; undefined when they are. */
export function remoteTarget({ deployment, helmRelease }: Observed): string | undefined {
  if (deployment.region !== undefined)
    return `the cluster lives in region "${deployment.region}" (status.region)`;
  return helmRelease?.remoteTarget;
}
