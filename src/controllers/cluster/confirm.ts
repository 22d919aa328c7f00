import type { KubeClient } from '../../kube/client.ts';
import { policyRefInPlace } from '../../plan/in-place.ts';
import type { Observed, Plan } from '../../plan/types.ts';
import type { Cache } from '../cache.ts';
import { refresh, refreshDeployment } from './refresh.ts';

/**
 * Keeps a process that has just started from writing what is older than what is in place. All that it knows is its first
 * lists, and a list may be of the past: of a replica that lags behind, or one kind's older than another's. A read by name
 * comes from etcd itself.
 */
export class Confirmation {
  readonly #client: KubeClient;
  readonly #cache: Cache;
  /** The clusters that were read, and with which policy. */
  readonly #confirmed = new Map<string, string>();

  constructor(client: KubeClient, cache: Cache, until?: AbortSignal) {
    this.#client = client;
    this.#cache = cache;
    cache.deployments.follow(({ key, after }) => {
      if (after === undefined) this.#confirmed.delete(key);
    }, until);
  }

  /**
   * Whether a plan must wait until its cluster has been read: it writes to a cluster that has something in place, and something that
   * it builds upon is known from a first list only. In a fleet that this process has itself delivered nothing is.
   */
  isNeeded(observed: Observed, { actions }: Plan): boolean {
    const { configMap, deployment, helmRelease, policy } = observed;
    const isInPlace = configMap !== undefined || policyRefInPlace(observed) !== undefined;
    if (actions.length === 0 || !isInPlace) return false;
    if (this.#confirmed.get(deployment.key) === (deployment.auditPolicy ?? '')) return false;
    const { configMaps, deployments, helmReleases, policies } = this.#cache;
    return (
      this.#cache.isFirstSight(deployments, deployment) ||
      this.#cache.isFirstSight(policies, policy) ||
      this.#cache.isFirstSight(helmReleases, helmRelease) ||
      this.#cache.isFirstSight(configMaps, configMap)
    );
  }

  /** Reads the cluster into the cache. @throws KubeError */
  async confirm({ deployment }: Observed, signal: AbortSignal): Promise<void> {
    // The deployment first: it says which policy.
    await refreshDeployment(this.#client, this.#cache, deployment, signal);
    const now = this.#cache.deployments.get(deployment.key);
    if (now === undefined) return;
    await refresh(this.#client, this.#cache, now, signal);
    this.#confirmed.set(now.key, now.auditPolicy ?? '');
  }
}
