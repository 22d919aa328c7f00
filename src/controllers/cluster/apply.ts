import { configMapName, revisionName } from '../../api/names.ts';
import { stringAt } from '../../api/json.ts';
import type { KubeClient, WriteResult } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import {
  configMapBody,
  configMapPatch,
  configMapReset,
  labelPatch,
  policyRefApply,
  policyRefRelease,
  policyRefRemoval,
  releasedPatch,
  revisionBody,
  unfinalizedPatch,
  type WantedConfigMap,
} from '../../plan/manifests.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap, type PolicyConfigMap } from '../../plan/observed/config-map.ts';
import { readHelmRelease } from '../../plan/observed/helm-release.ts';
import { readKeptRevision } from '../../plan/observed/revision.ts';
import type { Action, ConfigMapContent, ConfigMapWrite } from '../../plan/types.ts';
import { sha256Hex } from '../../policy/hash.ts';
import type { Cache } from '../cache.ts';
import { CONFIG_MAPS, CONTROLLER_REVISIONS, HELM_RELEASES } from '../kinds.ts';

type SetPolicyRef = Extract<Action, { type: 'SetPolicyRef' }>;

/** The kept copy of a content is gone or does not have the digest that it is named by. */
export class DamagedRevision extends Error {
  override readonly name = 'DamagedRevision';
}

/** The API server answered that values are written, and they are not those that were sent. */
export class ValuesNotKept extends Error {
  override readonly name = 'ValuesNotKept';
}

/** Sends the writes of a plan, and puts each answer into the cache, so that the next plan sees it at once. */
export class Applier {
  readonly #client: KubeClient;
  readonly #cache: Cache;
  /** Revisions being created now: many clusters want the same one at the same moment. */
  readonly #keeping = new Map<string, Promise<void>>();
  /** Revisions with the right content that the watch does not show, since somebody took our label from them. */
  readonly #unlabelled = new Set<string>();
  /** Clusters whose values were to be written, without word that they were, and the hash that they were to name. */
  readonly #unfinished = new Map<string, string>();

  constructor(client: KubeClient, cache: Cache, until?: AbortSignal) {
    this.#client = client;
    this.#cache = cache;
    cache.helmReleases.follow(({ key, after }) => {
      if (after === undefined || after.policyRef?.hash === this.#unfinished.get(key))
        this.#unfinished.delete(key);
    }, until);
    cache.deployments.follow(({ key, after }) => {
      if (after === undefined) this.#unfinished.delete(key);
    }, until);
  }

  /** Whether this process began to write the values of a cluster and does not know that it was done. */
  isValuesWriteUnfinished(key: string): boolean {
    return this.#unfinished.has(key);
  }

  /**
   * Asks the API server whether it would take the values of a plan, without writing them; only once a write of them has
   * failed: otherwise the ConfigMap would be made ready for them, and put back, at every try.
   * @throws KubeError as the write itself
   */
  async rehearse(action: SetPolicyRef, { key }: ClusterDeployment, signal: AbortSignal): Promise<void> {
    if (this.#unfinished.has(key)) await this.#setPolicyRef(action, signal, true);
  }

  /**
   * Sends one write.
   * @throws KubeError as the API server answered; DamagedRevision
   */
  async apply(action: Action, deployment: ClusterDeployment, signal: AbortSignal): Promise<void> {
    const { namespace } = deployment;
    const helmRelease = { namespace, name: deployment.name };
    const configMap = { namespace, name: configMapName(deployment.name) };
    switch (action.type) {
      case 'KeepRevision':
        return this.#keepRevision(namespace, action.sha256, action.yaml);
      case 'CreateConfigMap': {
        const yaml = await this.#yamlOf(action.content, namespace, signal);
        const body = configMapBody(deployment, wantedConfigMap(action, yaml));
        this.#cacheConfigMap(await this.#client.create(CONFIG_MAPS, configMap, body, { signal }));
        return;
      }
      case 'PatchConfigMap': {
        const yaml = await this.#yamlOf(action.content, namespace, signal);
        const wanted = wantedConfigMap(action, yaml);
        this.#cacheConfigMap(await this.#patchConfigMap(action, deployment, wanted, signal));
        return;
      }
      case 'MarkReleased': {
        const patch = releasedPatch(action.configMap, deployment, action.releasedAt);
        this.#cacheConfigMap(await this.#client.mergePatch(CONFIG_MAPS, configMap, patch, { signal }));
        return;
      }
      case 'DeleteConfigMap':
        return this.#deleteConfigMap(action, signal);
      case 'SetPolicyRef':
        this.#unfinished.set(deployment.key, action.hash);
        this.#cacheHelmRelease(await this.#setPolicyRef(action, signal));
        this.#unfinished.delete(deployment.key);
        return;
      case 'ReleasePolicyRef': {
        const body = policyRefRelease(action.helmRelease);
        this.#cacheHelmRelease(await this.#client.apply(HELM_RELEASES, helmRelease, body, { signal }));
        return;
      }
      case 'RemovePolicyRef': {
        const patch = policyRefRemoval(action.helmRelease);
        this.#cacheHelmRelease(await this.#client.jsonPatch(HELM_RELEASES, helmRelease, patch, { signal }));
      }
    }
  }

  /** What others have hung on our ConfigMap stays, unless it leaves no room for what must be there. */
  async #patchConfigMap(
    { configMap }: Extract<Action, { type: 'PatchConfigMap' }>,
    deployment: ClusterDeployment,
    wanted: WantedConfigMap,
    signal: AbortSignal,
  ): Promise<WriteResult> {
    const patch = configMapPatch(configMap, deployment, wanted);
    try {
      return await this.#client.mergePatch(CONFIG_MAPS, configMap, patch, { signal });
    } catch (error) {
      // No watch would tell: it had lost our label, and then went away.
      if (isKubeError(error, 'NotFound')) {
        const body = configMapBody(deployment, wanted);
        return await this.#client.create(CONFIG_MAPS, configMap, body, { signal });
      }
      if (!isKubeError(error, 'Invalid', 'TooLarge')) throw error;
      const reset = configMapReset(configMap, deployment, wanted);
      return await this.#client.jsonPatch(CONFIG_MAPS, configMap, reset, { signal });
    }
  }

  /** One that is gone already is as good as deleted. */
  async #deleteConfigMap(
    { configMap, toMakeRoom }: Extract<Action, { type: 'DeleteConfigMap' }>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const { uid, resourceVersion, hasFinalizers } = await this.#labelled(configMap, signal);
      await this.#client.delete(CONFIG_MAPS, configMap, { uid, resourceVersion, signal });
      if (toMakeRoom === true && hasFinalizers)
        await this.#client.mergePatch(CONFIG_MAPS, configMap, unfinalizedPatch(configMap), { signal });
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
    }
  }

  /** Somebody may have taken the label, without which the operator's admission policy lets it delete nothing. */
  async #labelled(configMap: PolicyConfigMap, signal: AbortSignal): Promise<PolicyConfigMap> {
    if (configMap.labelled) return configMap;
    const patch = labelPatch(configMap);
    const { sent, object } = await this.#client.mergePatch(CONFIG_MAPS, configMap, patch, { signal });
    return sent ? readPolicyConfigMap(object) : configMap;
  }

  #cacheConfigMap({ sent, object }: WriteResult): void {
    if (sent) this.#cache.configMaps.upsert(readPolicyConfigMap(object));
  }

  #cacheHelmRelease({ sent, object }: WriteResult): void {
    if (sent) this.#cache.helmReleases.upsert(readHelmRelease(object));
  }

  /**
   * Unforced, with two exceptions, each held to the very version that was read: over keys that KCM wrote once and left
   * behind, and over a `values` or `audit` that somebody owns as an empty map, which takes nothing from them (ADR 2).
   * @throws ValuesNotKept when admission has taken them out again
   */
  async #setPolicyRef(action: SetPolicyRef, signal: AbortSignal, serverDryRun = false): Promise<WriteResult> {
    const result = await this.#applyPolicyRef(action, signal, serverDryRun);
    if (result.sent && readHelmRelease(result.object).policyRef?.hash !== action.hash) {
      throw new ValuesNotKept(
        'its admission (a mutating webhook or policy) does not keep spec.values.audit.policyRef as it is written.',
      );
    }
    return result;
  }

  async #applyPolicyRef(
    { helmRelease, hash, overLeftBehind }: SetPolicyRef,
    signal: AbortSignal,
    serverDryRun: boolean,
  ): Promise<WriteResult> {
    const options = { signal, serverDryRun };
    const force = () => {
      const body = policyRefApply(helmRelease, hash, helmRelease.resourceVersion);
      return this.#client.apply(HELM_RELEASES, helmRelease, body, { ...options, force: true });
    };
    if (overLeftBehind) return force();
    try {
      return await this.#client.apply(HELM_RELEASES, helmRelease, policyRefApply(helmRelease, hash), options);
    } catch (error) {
      if (!isKubeError(error, 'Conflict') || error.conflicts.length === 0) throw error;
      if (!error.conflicts.every(({ field }) => helmRelease.emptyContainers.includes(field))) throw error;
      return force();
    }
  }

  /** Once for all clusters that want it; its own time-out ends it, not the signal of whoever came first. */
  #keepRevision(namespace: string, sha256: string, yaml: string): Promise<void> {
    const key = `${namespace}/${revisionName(sha256)}`;
    if (this.#cache.revisions.get(key) || this.#unlabelled.has(key)) return Promise.resolve();
    const pending =
      this.#keeping.get(key) ??
      this.#createRevision(namespace, sha256, yaml).finally(() => this.#keeping.delete(key));
    this.#keeping.set(key, pending);
    return pending;
  }

  async #createRevision(namespace: string, sha256: string, yaml: string): Promise<void> {
    const name = { namespace, name: revisionName(sha256) };
    try {
      const { sent, object } = await this.#client.create(
        CONTROLLER_REVISIONS,
        name,
        revisionBody(namespace, sha256, yaml),
      );
      if (sent) this.#cache.revisions.upsert(readKeptRevision(object));
    } catch (error) {
      if (!isKubeError(error, 'AlreadyExists')) throw error;
      await this.#readRevision(namespace, sha256);
      this.#unlabelled.add(`${namespace}/${name.name}`);
    }
  }

  async #yamlOf(content: ConfigMapContent, namespace: string, signal: AbortSignal): Promise<string> {
    return 'yaml' in content ? content.yaml : this.#readRevision(namespace, content.sha256, signal);
  }

  /** The content of a kept revision. @throws DamagedRevision when it is not the one that its name promises */
  async #readRevision(namespace: string, sha256: string, signal?: AbortSignal): Promise<string> {
    const name = revisionName(sha256);
    const raw = await this.#client.find(CONTROLLER_REVISIONS, { namespace, name }, { signal });
    const yaml = stringAt(raw, 'data', 'policy');
    if (yaml === undefined || sha256Hex(yaml) !== sha256) {
      throw new DamagedRevision(
        `ControllerRevision "${name}" is gone or does not have the content that its name promises`,
      );
    }
    return yaml;
  }
}

function wantedConfigMap(action: ConfigMapWrite, yaml: string): WantedConfigMap {
  const { content, ...rest } = action;
  return { ...rest, yaml, sha256: content.sha256 };
}
