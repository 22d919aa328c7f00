import { deploymentOf } from '../../api/names.ts';
import type { Cache } from '../../controllers/cache.ts';
import { MARKER } from '../marks.ts';
import { printableLine } from '../terminal.ts';

/**
 * The operator's ConfigMaps whose ClusterDeployment is gone: no rule for a cluster takes them away, and Kubernetes does so only once their
 * owner is gone, too. A line each, with what to do; lines end in a line feed.
 * @param names of ClusterDeployments; all of them when empty
 */
export function orphansInWords(
  { configMaps, deployments, helmReleases }: Cache,
  names: readonly string[],
): string[] {
  return configMaps
    .list()
    .filter(({ deleting }) => !deleting)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, namespace, name }) => {
      const owner = deploymentOf(key);
      if (owner === undefined || deployments.get(owner) !== undefined) return [];
      if (names.length > 0 && !names.includes(deploymentOf(name) ?? '')) return [];
      const helmRelease = helmReleases.get(owner);
      const remove = `kubectl -n ${namespace} delete configmap ${name}`;
      const what =
        helmRelease?.policyRef?.name === name
          ? `HelmRelease "${helmRelease.name}" still names it: once spec.values.audit.policyRef is gone from there and Flux has settled, ${remove}`
          : `nothing here names it: when no control plane mounts it any more, ${remove}`;
      return [
        `${MARKER} ${printableLine(`${owner}: the ClusterDeployment is gone, ConfigMap "${name}" is left; ${what}`)}\n`,
      ];
    });
}
