import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { ApiError } from './api.ts';
import type { Api, KubeObject } from './api.ts';
import { asRecord, dig, isRecord } from './json.ts';
import { foldReady, setCondition, type KcmCondition } from './kcm-conditions.ts';
import { auditPolicies, clusterDeployments, configMaps, helmReleases } from './kinds.ts';

/**
 * A stand-in for KCM's ClusterDeployment controller, as far as it is a writer beside the operator: it takes a turn at every
 * event of its ClusterDeployments, their HelmReleases and policies; it reads an object, changes what is its, and puts the
 * whole of it back, unless nothing differs. It shares no code with src/. Left out: finalizers, CAPI, regions, services.
 */
export interface KcmOptions {
  namespace: string;
  /** 1.10 and newer write the policy; older ones only know `spec.config`, and put it whole. Default true. */
  knowsAudit?: boolean;
  /** The label by which KCM's objects are known. Default true. */
  labels?: boolean;
  /** What `status.k8sVersion` is set to. Default `1.36.1+k0s.0`. */
  k8sVersion?: string;
  /** What becomes of a rendered policy, for a KCM that renders otherwise than the operator. Default: nothing. */
  render?: (yaml: string) => string;
  /** Time between two looks for events. Default 25. */
  intervalMs?: number;
}

export interface RunningKcm {
  /** Turns of all clusters so far, whether they wrote or not. */
  readonly turns: number;
  /** How often a HelmRelease was put. */
  releasePuts(name: string): number;
  /** How often a ClusterDeployment's status was put. */
  statusPuts(name: string): number;
  /** Resolves when the turn under way is over; rejects if one has failed. */
  stop(): Promise<void>;
}

/** The name of KCM's binary, and so its field manager. */
export const KCM_MANAGER = 'manager';
const AUDIT_CONDITION = 'ClusterAuditPolicyReady';
const MANAGED = { 'k0rdent.mirantis.com/managed': 'true' };

export function startKcm(api: Api, options: KcmOptions): RunningKcm {
  const kcm = new Kcm(api, options);
  const abort = new AbortController();
  const done = kcm.run(abort.signal);
  // A test that never stops it must still see its own failure first.
  done.catch(() => undefined);
  return {
    get turns() {
      return kcm.turns;
    },
    releasePuts: (name) => kcm.puts.get(`HelmRelease/${name}`) ?? 0,
    statusPuts: (name) => kcm.puts.get(`ClusterDeployment/${name}`) ?? 0,
    async stop() {
      abort.abort();
      await done;
    },
  };
}

class Kcm {
  readonly puts = new Map<string, number>();
  turns = 0;
  readonly #api: Api;
  readonly #options: Required<KcmOptions>;
  readonly #seen = new Map<string, string>();

  constructor(api: Api, options: KcmOptions) {
    this.#api = api;
    this.#options = {
      knowsAudit: true,
      labels: true,
      k8sVersion: '1.36.1+k0s.0',
      render: (yaml) => yaml,
      intervalMs: 25,
      ...options,
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.#options;
    while (!signal.aborted) {
      await this.#look();
      await sleep(intervalMs);
    }
  }

  async #look(): Promise<void> {
    const { namespace } = this.#options;
    const [deployments = [], releases = [], policies = []] = await Promise.all(
      [clusterDeployments, helmReleases, auditPolicies].map((kind) => this.#api.list(kind(namespace))),
    );
    for (const deployment of deployments) {
      const { name, deletionTimestamp } = deployment.metadata;
      if (deletionTimestamp !== undefined) continue;
      const versions = [
        deployment,
        releases.find(({ metadata }) => metadata.name === name),
        policies.find(({ metadata }) => metadata.name === deployment.spec?.auditPolicy),
      ].map((object) => `${object?.metadata.uid ?? ''}/${object?.metadata.resourceVersion ?? ''}`);
      if (this.#seen.get(name) === versions.join()) continue;
      if (await isDone(this.#turn(name))) this.#seen.set(name, versions.join());
    }
  }

  async #turn(name: string): Promise<void> {
    const { namespace, knowsAudit, k8sVersion } = this.#options;
    this.turns += 1;
    const deployment = await this.#api.get(clusterDeployments(namespace, name));
    const conditions = (deployment.status?.conditions ?? []) as KcmCondition[];
    const now: KcmCondition[] = structuredClone(conditions);
    const set = (type: string, status: string, reason: string, message = '') =>
      setCondition(now, {
        type,
        status,
        reason,
        message,
        observedGeneration: deployment.metadata.generation,
      });
    const finish = () => this.#putStatus(deployment, { k8sVersion, conditions: foldReady(now, deployment) });

    const reference = deployment.spec?.auditPolicy;
    const isAudited = knowsAudit && typeof reference === 'string' && reference !== '';
    const policy = isAudited ? await this.#api.find(auditPolicies(namespace, reference)) : undefined;
    if (isAudited && policy === undefined) {
      set(AUDIT_CONDITION, 'False', 'Failed', `failed to get ClusterAuditPolicy ${namespace}/${reference}`);
      return finish();
    }
    if (policy !== undefined) set(AUDIT_CONDITION, 'True', 'Succeeded');
    set('TemplateReady', 'True', 'Succeeded');
    set('CredentialReady', 'True', 'Succeeded');
    if (deployment.spec?.dryRun === true) return finish();

    if (policy !== undefined) await this.#putConfigMap(name, policy);
    else if (knowsAudit && now.some(({ type }) => type === AUDIT_CONDITION)) {
      await this.#api.delete(configMaps(namespace, configMapOf(name)));
      now.splice(0, now.length, ...now.filter(({ type }) => type !== AUDIT_CONDITION));
    }
    const release = await this.#putRelease(deployment, policy);
    const ready = (release.status?.conditions ?? []) as KcmCondition[];
    const found = ready.find(({ type }) => type === 'Ready');
    if (found) set('HelmReleaseReady', found.status, found.reason, found.message);
    return finish();
  }

  async #putConfigMap(name: string, policy: KubeObject): Promise<void> {
    const { namespace } = this.#options;
    const path = configMaps(namespace, configMapOf(name));
    const data = { policy: this.#options.render(renderAsKcm(policy)) };
    const found = await this.#api.find(path);
    const fieldManager = KCM_MANAGER;
    if (found === undefined) {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: configMapOf(name) }, data };
      await this.#api.create(configMaps(namespace), body, { fieldManager });
    } else if (!isDeepStrictEqual(found.data, data)) {
      await this.#api.replace(path, { ...found, data }, { fieldManager });
    }
  }

  async #putRelease(deployment: KubeObject, policy: KubeObject | undefined): Promise<KubeObject> {
    const { namespace, labels } = this.#options;
    const { name, uid } = deployment.metadata;
    const found = await this.#api.find(helmReleases(namespace, name));
    const mutated = {
      ...(found ?? { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' }),
      metadata: {
        ...(found?.metadata ?? { name }),
        ...(labels ? { labels: { ...found?.metadata.labels, ...MANAGED } } : {}),
        ownerReferences: [{ apiVersion: deployment.apiVersion, kind: deployment.kind, name, uid }],
      },
      spec: {
        ...found?.spec,
        chartRef: { kind: 'HelmChart', name: deployment.spec?.template },
        interval: '10m0s',
        releaseName: name,
        timeout: '20m0s',
        values: this.#valuesOf(deployment, policy),
      },
    };
    const fieldManager = KCM_MANAGER;
    if (found === undefined)
      return await this.#api.create(helmReleases(namespace), mutated, { fieldManager });
    if (isDeepStrictEqual(mutated, found)) return found;
    const written = await this.#api.replace(helmReleases(namespace, name), mutated, { fieldManager });
    this.#count(`HelmRelease/${name}`);
    return written;
  }

  /** `spec.config` and what KCM adds: whatever others have put into the values is not in it. */
  #valuesOf({ spec, metadata }: KubeObject, policy: KubeObject | undefined): Record<string, unknown> {
    const { knowsAudit, render } = this.#options;
    const config = isRecord(spec?.config) ? spec.config : {};
    const added = { clusterIdentity: { kind: 'Secret', name: spec?.credential }, clusterLabels: {} };
    if (!knowsAudit) return { ...config, ...added };
    if (policy !== undefined) {
      const audit = isRecord(config.audit) ? config.audit : {};
      const yaml = render(renderAsKcm(policy));
      const hash = createHash('sha256').update(yaml).digest('hex').slice(0, 8);
      const policyRef = { name: configMapOf(metadata.name), key: 'policy', hash };
      return { ...config, ...added, audit: { ...audit, policyRef } };
    }
    if (!isRecord(config.audit)) return { ...config, ...added };
    const audit = Object.entries(config.audit).filter(([key]) => key !== 'policyRef');
    return { ...config, ...added, audit: Object.fromEntries(audit) };
  }

  async #putStatus(deployment: KubeObject, parts: object): Promise<void> {
    const { namespace } = this.#options;
    const { name, generation } = deployment.metadata;
    const status = { ...deployment.status, observedGeneration: generation, ...parts };
    if (isDeepStrictEqual(status, deployment.status)) return;
    const path = `${clusterDeployments(namespace, name)}/status`;
    await this.#api.replace(path, { ...deployment, status }, { fieldManager: KCM_MANAGER });
    this.#count(`ClusterDeployment/${name}`);
  }

  #count(key: string): void {
    this.puts.set(key, (this.puts.get(key) ?? 0) + 1);
  }
}

/** False when somebody else was quicker, or something has gone meanwhile: then the turn is taken again. */
async function isDone(turn: Promise<void>): Promise<boolean> {
  try {
    await turn;
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return false;
    throw error;
  }
}

function configMapOf(name: string): string {
  return `${name}-audit-policy`;
}

/** What Go's sigs.k8s.io/yaml makes of a policy, as far as the policies of the tests go: sorted keys, flat sequences. */
export function renderAsKcm(policy: KubeObject): string {
  const content = asRecord(dig(policy, 'spec', 'policy'), 'spec.policy');
  const whole = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', metadata: {}, ...content };
  return stringify(whole, { indentSeq: false, sortMapEntries: true, singleQuote: true, lineWidth: 0 });
}
