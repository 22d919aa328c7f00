import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, KubeObject } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { deploymentManifest, policyManifest, releaseManifest } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  coreEvents,
  helmReleases,
} from '../support/kinds.ts';
import type { Scenario } from '../support/scenario.ts';
import { Journal } from './journal.ts';
import type { StateRow } from './row.ts';
import type { Stage } from './stage.ts';

type Json = Record<string, unknown>;

/** What a cluster runs as far as the management cluster tells: the hash in the values and the ConfigMap's content. */
export interface InPlace {
  hash: unknown;
  content: string | undefined;
}

/** One row's own corner of a scenario: its cluster, its policy and the hands that change them. */
export class World {
  readonly s: Scenario;
  readonly namespace: string;
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly otherPolicy: string;
  /** Two contents that no other row has. */
  readonly first: Json[];
  readonly second: Json[];
  readonly #undo: (() => unknown)[] = [];
  readonly #stage: Stage;

  /** @param stage where the row is played */
  constructor(stage: Stage, { id, cluster = id }: Pick<StateRow, 'id' | 'cluster'>, namespace: string) {
    this.s = stage.s;
    this.#stage = stage;
    this.namespace = namespace;
    this.id = id;
    this.name = cluster;
    this.policy = `${id}-policy`;
    this.otherPolicy = `${id}-other`;
    this.first = [{ level: 'Metadata', users: [id] }];
    this.second = [{ level: 'Request', users: [id] }];
  }

  get api(): Api {
    return this.s.api;
  }

  get paths() {
    const { namespace, name, policy } = this;
    return {
      policy: auditPolicies(namespace, policy),
      deployment: clusterDeployments(namespace, name),
      release: helmReleases(namespace, name),
      configMap: configMaps(namespace, `${name}-audit-policy`),
    };
  }

  /** What is to be undone when the row is over, whatever comes of it; the last first. */
  afterwards(undo: () => unknown): void {
    this.#undo.unshift(undo);
  }

  async end(): Promise<void> {
    for (const undo of this.#undo.splice(0)) await undo();
  }

  /** Another cluster with a policy of its own, in the same namespace or in another one. */
  async neighbour(where: 'here' | 'elsewhere'): Promise<World> {
    const id = `${this.id}-neighbour`;
    const namespace = where === 'here' ? this.namespace : await this.#stage.namespace(id);
    const world = new World(this.#stage, { id }, namespace);
    this.afterwards(() => world.end());
    return world;
  }

  createPolicy(rules: unknown = this.first, annotations: Json = {}): Promise<KubeObject> {
    return this.api.create(auditPolicies(this.namespace), policyManifest(this.policy, rules, annotations));
  }

  /** Another policy, with the second content unless another is given. */
  createOtherPolicy(rules: unknown = this.second): Promise<KubeObject> {
    return this.api.create(auditPolicies(this.namespace), policyManifest(this.otherPolicy, rules));
  }

  editPolicy(rules: unknown = this.second): Promise<KubeObject> {
    return this.api.mergePatch(this.paths.policy, { spec: { policy: { rules } } });
  }

  createRelease(
    values: unknown = {},
    spec: Json = {},
    labels: Json = {},
    name = this.name,
  ): Promise<KubeObject> {
    const manifest = releaseManifest(name, {}, { ...spec, values }, labels);
    return this.api.create(helmReleases(this.namespace), manifest);
  }

  /** A ClusterDeployment that names the row's policy. */
  createDeployment(spec: Json = {}, annotations: Json = {}): Promise<KubeObject> {
    const manifest = deploymentManifest(this.name, { auditPolicy: this.policy, ...spec }, annotations);
    return this.api.create(clusterDeployments(this.namespace), manifest);
  }

  /** The policy, the cluster and its release, with the first content in place and Flux settled. */
  async delivered(values: Json = {}, spec: Json = {}): Promise<void> {
    await this.createPolicy();
    await this.createRelease(values);
    await this.createDeployment(spec);
    await this.until('True', 'Succeeded');
    await this.settled();
  }

  /** A policy and a settled release, and a cluster that names nothing yet. */
  async ready(values: Json = {}, spec: Json = {}): Promise<void> {
    await this.createPolicy();
    await this.createRelease(values, spec);
    await this.createDeployment({ auditPolicy: null });
  }

  deleteDeployment(): Promise<void> {
    return this.api.delete(this.paths.deployment);
  }

  setReference(auditPolicy: string | null = this.policy): Promise<KubeObject> {
    return this.patchDeployment({ spec: { auditPolicy } });
  }

  patchDeployment(patch: Json): Promise<KubeObject> {
    return this.api.mergePatch(this.paths.deployment, patch);
  }

  annotateDeployment(annotations: Json): Promise<KubeObject> {
    return this.patchDeployment({ metadata: { annotations } });
  }

  annotatePolicy(annotations: Json): Promise<KubeObject> {
    return this.api.mergePatch(this.paths.policy, { metadata: { annotations } });
  }

  patchRelease(patch: Json): Promise<KubeObject> {
    return this.api.mergePatch(this.paths.release, patch);
  }

  patchConfigMap(patch: Json): Promise<KubeObject> {
    return this.api.mergePatch(this.paths.configMap, patch);
  }

  /** A ConfigMap of the cluster's name that somebody else makes. */
  foreignConfigMap(data: Json, metadata: Json = {}): Promise<KubeObject> {
    return this.api.create(configMaps(this.namespace), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.name}-audit-policy`, ...metadata },
      data,
    });
  }

  /** Another writer puts the whole release with these values, as KCM does. */
  async putValues(values: Json, fieldManager = 'rival'): Promise<void> {
    await eventually(async () => {
      const release = await this.release();
      await this.api.replace(
        this.paths.release,
        { ...release, spec: { ...release.spec, values } },
        { fieldManager },
      );
    });
  }

  /** From now on, and until the row is over, the row plays Flux' part for its cluster itself. */
  pauseFlux(): void {
    const { still } = this.#stage;
    still.add(this.name);
    this.afterwards(() => still.delete(this.name));
  }

  release(): Promise<KubeObject> {
    return this.api.get(this.paths.release);
  }

  configMap(): Promise<KubeObject | undefined> {
    return this.api.find(this.paths.configMap);
  }

  /** The kept copy of what the ConfigMap holds now. */
  async revisionPath(): Promise<string> {
    const sha256 = sha256Hex((await this.inPlace()).content ?? '');
    return controllerRevisions(this.namespace, `audit-policy-${sha256}`);
  }

  async inPlace(): Promise<InPlace> {
    const release = await this.api.find(this.paths.release);
    return {
      hash: dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash'),
      content: (await this.configMap())?.data?.policy,
    };
  }

  /**
   * What the operator says a policy hashes to: the one that the cluster names, unless another is given. Undefined where policies
   * have no status.
   */
  async policyHash(policy?: string): Promise<string | undefined> {
    const name = policy ?? String(dig(await this.api.get(this.paths.deployment), 'spec', 'auditPolicy'));
    if (this.#stage.isWithoutPolicyStatus) return undefined;
    return eventually(async () => {
      const found = await this.api.get(auditPolicies(this.namespace, name));
      expect(dig(found, 'status', 'observedGeneration')).toBe(found.metadata.generation);
      return String(dig(found, 'status', 'hash'));
    });
  }

  /** The bytes that the row's first content becomes, and their hash, as the operator itself renders them elsewhere. */
  async rendered(): Promise<{ hash: string; content: string }> {
    const said = await this.policyHash(this.policy);
    const [user] = this.first.map(({ users }) => String(users));
    const content = `apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n  users:\n  - ${user}\n`;
    const hash = sha256Hex(content).slice(0, 8);
    if (said !== undefined) expect(hash).toBe(said);
    return { hash, content };
  }

  async condition(): Promise<Json | undefined> {
    const conditions = dig(await this.api.find(this.paths.deployment), 'status', 'conditions');
    const found: unknown = Array.isArray(conditions)
      ? conditions.find((entry) => dig(entry, 'type') === 'ClusterAuditPolicyReady')
      : undefined;
    return found === undefined
      ? undefined
      : { status: dig(found, 'status'), reason: dig(found, 'reason'), message: dig(found, 'message') };
  }

  /** Waits for a condition. */
  until(status: 'True' | 'False', reason: string): Promise<void> {
    return eventually(async () => expect(await this.condition()).toMatchObject({ status, reason }));
  }

  untilNoCondition(): Promise<void> {
    return eventually(async () => expect(await this.condition()).toBeUndefined());
  }

  /** Waits until the values name what the policy says now. */
  untilWanted(): Promise<void> {
    return eventually(async () => expect((await this.inPlace()).hash).toBe(await this.policyHash()));
  }

  /** Waits until Flux has seen the release as it is. */
  settled(): Promise<void> {
    return eventually(async () => {
      const release = await this.release();
      expect(dig(release, 'status', 'observedGeneration')).toBe(release.metadata.generation);
    });
  }

  /** Events about the cluster and how often each was told, oldest first. */
  async events(): Promise<{ name: string; text: string; count: number }[]> {
    const all = await this.api.list(coreEvents(this.namespace), {
      fieldSelector: `involvedObject.name=${this.name},involvedObject.kind=ClusterDeployment`,
    });
    return all
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map((event) => ({
        name: event.metadata.name,
        text: `${String(event.type)} ${String(event.reason)}`,
        count: Number(event.count ?? 1),
      }));
  }

  /** Changes something that decides nothing, so that the operator looks anew; false when the cluster is gone. */
  async touch(): Promise<boolean> {
    if ((await this.api.find(this.paths.deployment)) === undefined) return false;
    const now = new Date().toISOString();
    if ((await this.api.find(this.paths.release)) === undefined)
      await this.annotateDeployment({ 'reconcile.fluxcd.io/requestedAt': now });
    else {
      const patch = { metadata: { annotations: { touched: now } } };
      // A manager of its own: the operator names who has last written the values.
      await this.api.mergePatch(this.paths.release, patch, { fieldManager: 'touch' });
    }
    return true;
  }

  /** Resolves when the operator has done nothing about the cluster for `quietMs`. */
  async idle(quietMs = 250): Promise<void> {
    for (;;) {
      const journal = new Journal(this);
      await sleep(quietMs);
      if (journal.writes().length === 0 && journal.outcomes().length === 0) return;
    }
  }
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
