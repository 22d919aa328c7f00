import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/condition.ts';
import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../api/names.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ListScope } from '../kube/list-watch.ts';
import type { Resource } from '../kube/resources.ts';
import type { Logger } from '../observability/logger.ts';
import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import { readClusterAuditReport, type ClusterAuditReport } from '../plan/observed/audit-report.ts';
import { readCapiCluster, type CapiCluster } from '../plan/observed/capi-cluster.ts';
import { readClusterDeployment, type ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap, type PolicyConfigMap } from '../plan/observed/config-map.ts';
import { readHelmRelease, type HelmRelease } from '../plan/observed/helm-release.ts';
import { readKeptRevision, type KeptRevision } from '../plan/observed/revision.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { ListWatcher } from '../runtime/list-watcher.ts';
import { metaOf } from '../runtime/object-meta.ts';
import { Reflector, type ReflectorSink, type ReflectorState } from '../runtime/reflector.ts';
import type { ReflectorHooks } from '../runtime/reflector-hooks.ts';
import { isOlder, newerOf } from '../runtime/resource-version.ts';
import { Store, type StoreItem } from '../runtime/store.ts';
import { readCrd, type Crd } from './crd.ts';
import { firstServed } from './first-served.ts';
import { Outage } from './outage.ts';
import * as kinds from './kinds.ts';

export interface CacheOptions {
  client: KubeClient;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Watch these namespaces only; all of them when absent or empty. */
  namespaces?: readonly string[];
}

/** The last known state of everything that is watched, projected to what the plans read. */
export class Cache {
  readonly deployments = new Store<ClusterDeployment>({
    policy: ({ namespace, auditPolicy }) =>
      auditPolicy === undefined ? [] : [`${namespace}/${auditPolicy}`],
  });
  readonly policies = new Store<ClusterAuditPolicy>({ namespace: byNamespace });
  readonly helmReleases = new Store<HelmRelease>({ namespace: byNamespace });
  readonly configMaps = new Store<PolicyConfigMap>({ namespace: byNamespace });
  readonly revisions = new Store<KeptRevision>({ namespace: byNamespace });
  readonly clusters = new Store<CapiCluster>({
    deployment: ({ deploymentKey }) => (deploymentKey ? [deploymentKey] : []),
  });
  readonly reports = new Store<ClusterAuditReport>();
  readonly crds = new Store<Crd>();

  readonly #said = new Map<string, Condition | undefined>();
  /** Up to which resource version what a store has is a first sight. */
  readonly #firstSights = new Map<object, string>();
  readonly #sinks: Pick<Store<never>, 'resourceVersion'>[] = [];
  /** One for each watch of HelmReleases. */
  readonly #outages: Outage[] = [];
  readonly #options: CacheOptions;
  readonly #reflectors: {
    readonly name: string;
    readonly ready: Promise<void>;
    readonly state: ReflectorState;
    readonly lastContactAt: number | undefined;
    run(signal: AbortSignal): Promise<void>;
  }[];

  constructor(options: CacheOptions) {
    this.#options = options;
    this.deployments.subscribe(({ key, after }) => {
      if (after === undefined) this.#said.delete(key);
    });
    const { client } = options;
    const labelSelector = `${LABEL_MANAGED_BY}=${FIELD_MANAGER}`;
    const watch = (kind: Resource) => (scope: ListScope) => client.listWatcher(kind, scope);
    const watchOurs = (kind: Resource) => (scope: ListScope) =>
      client.listWatcher(kind, { ...scope, labelSelector });
    const [newest, ...older] = kinds.CAPI_CLUSTER_VERSIONS;
    const watchCapiClusters = (scope: ListScope) =>
      firstServed([watch(newest)(scope), ...older.map((kind) => watch(kind)(scope))]);
    this.#reflectors = [
      ...this.#reflectAll(
        'clusterdeployments',
        watch(kinds.CLUSTER_DEPLOYMENTS),
        this.deployments,
        readClusterDeployment,
      ),
      ...this.#reflectAll('clusterauditpolicies', watch(kinds.CLUSTER_AUDIT_POLICIES), this.policies, (raw) =>
        this.readPolicy(raw),
      ),
      ...this.#reflectAll('helmreleases', watch(kinds.HELM_RELEASES), this.helmReleases, readHelmRelease),
      ...this.#reflectAll('clusters', watchCapiClusters, this.clusters, readCapiCluster),
      ...this.#reflectAll('configmaps', watchOurs(kinds.CONFIG_MAPS), this.configMaps, readPolicyConfigMap),
      ...this.#reflectAll(
        'controllerrevisions',
        watchOurs(kinds.CONTROLLER_REVISIONS),
        this.revisions,
        readKeptRevision,
      ),
      ...this.#reflectAll(
        'clusterauditreports',
        watch(kinds.CLUSTER_AUDIT_REPORTS),
        this.reports,
        readClusterAuditReport,
      ),
      ...[
        kinds.CLUSTER_DEPLOYMENTS,
        kinds.CLUSTER_AUDIT_POLICIES,
        kinds.CLUSTER_AUDIT_REPORTS,
        kinds.MANAGEMENTS,
      ].map((kind) => this.#reflectCrd(kind)),
    ];
  }

  /** Keeps everything up to date until `signal` is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }

  /** Resolves when every kind has been read once, or is known not to be served; names those that are not. */
  async ready(): Promise<string[]> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.ready));
    const notServed = this.#reflectors.filter(({ state }) => state === 'notServed');
    return [...new Set(notServed.map(({ name }) => name))];
  }

  /** Whether every kind has been read once, or is known not to be served. */
  get isReady(): boolean {
    return this.#reflectors.every(({ state }) => state !== 'starting');
  }

  /** How long ago, in milliseconds, the API server was last heard on each kind that it serves; of several watches the worst. */
  watchAges(): ReadonlyMap<string, number> {
    const now = this.#options.clock.monotonic();
    const ages = new Map<string, number>();
    for (const { name, state, lastContactAt } of this.#reflectors) {
      if (state !== 'synced' || lastContactAt === undefined) continue;
      const [kind = name] = name.split('/');
      ages.set(kind, Math.max(ages.get(kind) ?? 0, now - lastContactAt));
    }
    return ages;
  }

  /**
   * From now on this process writes, and until now another one may have, which knew more than the watches here have told yet:
   * what is known so far counts as a first sight (ADR 9).
   * @param resourceVersion of the write by which this process has become the only one to write
   */
  takeOver(resourceVersion: string): void {
    this.#said.clear();
    for (const sink of this.#sinks) this.#markFirstSight(sink, resourceVersion);
  }

  /** KCM >= 1.10 runs here: it would write by itself. */
  get kcmPresent(): boolean {
    return (
      this.crd(kinds.MANAGEMENTS)?.served === true &&
      this.crd(kinds.CLUSTER_DEPLOYMENTS)?.keepsAuditPolicy === true
    );
  }

  /** The ClusterDeployment CRD drops `spec.auditPolicy` (KCM before 1.10): no cluster can name a policy. */
  get referenceIsPruned(): boolean {
    return this.crd(kinds.CLUSTER_DEPLOYMENTS)?.keepsAuditPolicy === false;
  }

  /** Notes what is about to be said of a deployment, so that it is known again when it comes back. */
  expectCondition(key: string, condition: Condition | undefined): void {
    this.#said.set(key, condition);
  }

  /** Whether a deployment carries just what was last said of it. */
  isAsSaid({ key, condition }: ClusterDeployment): boolean {
    if (!this.#said.has(key) || !isDeepStrictEqual(this.#said.get(key), condition)) return false;
    // Two copies for each of ten thousand clusters would be one too many.
    this.#said.set(key, condition);
    return true;
  }

  /** A policy as it arrives; its content is read anew only when its spec is new. */
  readPolicy(raw: unknown): ClusterAuditPolicy {
    const { key } = metaOf(raw);
    return readClusterAuditPolicy(raw, this.policies.get(key));
  }

  /** Until when the HelmReleases were out of sight, epoch milliseconds; now while they are; undefined when they never were. */
  get outOfSightUntil(): number | undefined {
    let first: number | undefined;
    for (const { until } of this.#outages) {
      if (until === undefined) return undefined;
      first = Math.min(first ?? until, until);
    }
    return first;
  }

  /**
   * Whether an item is known only from the first list of its kind, or from before this process took over: nothing newer has told of
   * it since.
   */
  isFirstSight<T extends StoreItem>(store: Store<T>, item: T | undefined): boolean {
    if (item === undefined) return false;
    const first = this.#firstSights.get(store.sinkOf(item.key));
    return first !== undefined && !isOlder(first, item.resourceVersion);
  }

  crd(kind: Resource): Crd | undefined {
    return this.crds.get(kinds.crdName(kind));
  }

  #markFirstSight(sink: Pick<Store<never>, 'resourceVersion'>, resourceVersion: string): void {
    const seen = newerOf(sink.resourceVersion, resourceVersion);
    this.#firstSights.set(sink, newerOf(this.#firstSights.get(sink), seen));
  }

  /** One kind, by one watch, or by one for each namespace. */
  #reflectAll<T extends StoreItem>(
    name: string,
    watch: (scope: ListScope) => ListWatcher,
    store: Store<T>,
    project: (raw: unknown) => T,
  ): Reflector<T>[] {
    const { namespaces = [] } = this.#options;
    const [namespace] = namespaces;
    if (namespaces.length < 2) return [this.#reflect(name, watch({ namespace }), store, store, project)];
    return namespaces.map((each) =>
      this.#reflect(name, watch({ namespace: each }), store, store.part(each), project, each),
    );
  }

  #reflect<T extends StoreItem>(
    name: string,
    listWatcher: ListWatcher,
    store: Store<T>,
    sink: ReflectorSink<T>,
    project: (raw: unknown) => T,
    namespace?: string,
  ): Reflector<T> {
    const { clock, random, logger } = this.#options;
    const outage = Object.is(store, this.helmReleases) ? new Outage(clock) : undefined;
    if (outage) this.#outages.push(outage);
    this.#sinks.push(sink);
    let isFirst = true;
    const subject = namespace === undefined ? { kind: name } : { kind: name, namespace };
    const onError: ReflectorHooks['onError'] = ({ error, retryInMs }) => {
      outage?.failed();
      logger.warn({ ...subject, err: error, retryInMs }, 'watch interrupted');
    };
    const onSkipped: ReflectorHooks['onSkipped'] = ({ key, error }) =>
      logger.error({ ...subject, key, err: error }, 'object skipped');
    const onWatchOpen: ReflectorHooks['onWatchOpen'] = () => outage?.ended();
    const onSynced: ReflectorHooks['onSynced'] = () => {
      outage?.ended();
      const { resourceVersion } = sink;
      if (isFirst && resourceVersion !== undefined) this.#markFirstSight(sink, resourceVersion);
      isFirst = false;
    };
    const onListenerError: ReflectorHooks['onListenerError'] = (error) =>
      logger.error({ ...subject, err: error }, 'listener failed');
    return new Reflector({
      name,
      listWatcher,
      sink,
      // The echo of an own write is known already: its content need not be digested again.
      project: (raw) => {
        const { key, resourceVersion } = metaOf(raw);
        const known = store.get(key);
        return known?.resourceVersion === resourceVersion ? known : project(raw);
      },
      clock,
      random,
      hooks: { onError, onSkipped, onSynced, onWatchOpen, onListenerError },
    });
  }

  /** Each CRD by a watch of its own: a management cluster has hundreds, and some are large. */
  #reflectCrd(kind: Resource): Reflector<Crd> {
    const name = kinds.crdName(kind);
    const sink = new Store<Crd>();
    sink.subscribe(({ key, after }) => {
      if (after) this.crds.upsert(after);
      else this.crds.remove(key);
    });
    const scope = { fieldSelector: `metadata.name=${name}` };
    const watcher = this.#options.client.listWatcher(kinds.CUSTOM_RESOURCE_DEFINITIONS, scope);
    return this.#reflect(`customresourcedefinitions/${name}`, watcher, sink, sink, (raw) =>
      readCrd(raw, kind),
    );
  }
}

function byNamespace({ namespace }: { namespace: string }): string[] {
  return [namespace];
}
