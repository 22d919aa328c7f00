import { FIELD_MANAGER, LABEL_MANAGED_BY, isObjectName } from '../../api/names.ts';
import { Cache } from '../../controllers/cache.ts';
import { lookUpConfigMap, observe } from '../../controllers/cluster/observe.ts';
import * as kinds from '../../controllers/kinds.ts';
import { isKubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import type { ListScope } from '../../kube/list-watch.ts';
import type { Resource } from '../../kube/resources.ts';
import type { Logger } from '../../observability/logger.ts';
import { policyRefInPlace } from '../../plan/in-place.ts';
import { readCapiCluster } from '../../plan/observed/capi-cluster.ts';
import { readClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import { readPolicyConfigMap, type PolicyConfigMap } from '../../plan/observed/config-map.ts';
import { readHelmRelease } from '../../plan/observed/helm-release.ts';
import { readObjectMeta } from '../../plan/observed/object-meta.ts';
import { readKeptRevision } from '../../plan/observed/revision.ts';
import type { Observed } from '../../plan/types.ts';
import type { Store, StoreItem } from '../../runtime/store.ts';
import { UsageError } from '../io.ts';
import { inPool } from '../pool.ts';
import type { Session } from '../session.ts';
import { readDefinition } from './definitions.ts';

const WIDTH = 32;
const NEVER = new AbortController().signal;

/** How a fleet is read. */
export interface FleetOptions {
  /** One namespace; all of them when undefined. */
  namespace: string | undefined;
  /**
   * Without the right to read what only decides how a policy is written (kept copies, owners) the fleet is read all the
   * same. Default false.
   */
  isForLooking?: boolean;
}

/** A fleet as it was when it was read, in the stores that the controllers read, too. */
export class Fleet {
  readonly cache: Cache;
  readonly session: Session;
  readonly namespace: string | undefined;
  readonly logger: Logger;
  /** Kinds that the API server does not serve, by plural. */
  readonly notServed: string[] = [];
  /** The ConfigMaps of our name that wear no label of ours, by ClusterDeployment. */
  readonly #unlabelled = new Map<string, PolicyConfigMap>();

  constructor(session: Session, namespace: string | undefined, logger: Logger) {
    const { client, clock } = session;
    this.session = session;
    this.logger = logger;
    this.namespace = namespace;
    this.cache = new Cache({
      client,
      clock,
      random: Math.random,
      logger,
      ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    });
  }

  /** Everything known of one cluster, as the controllers see it. */
  observe(key: string): Observed | undefined {
    const observed = observe(this.cache, key, this.session.clock.now());
    const unlabelled = this.#unlabelled.get(key);
    if (observed === undefined || observed.configMap || unlabelled === undefined) return observed;
    return { ...observed, configMap: unlabelled };
  }

  /** Looks at the ConfigMaps that no label shows: KCM's, and whatever else has the name. */
  async lookUpConfigMaps(keys: Iterable<string>): Promise<void> {
    await inPool(keys, WIDTH, async (key) => {
      this.#unlabelled.delete(key);
      const observed = this.observe(key);
      if (observed === undefined || observed.configMap !== undefined || !isConcerned(observed)) return;
      const found = await lookUpConfigMap(this.session.client, observed, NEVER);
      if (found) this.#unlabelled.set(key, found);
    });
  }
}

/** Reads a fleet, by one list of each kind. @throws UsageError naming what may not be read; KubeError */
export async function readFleet(session: Session, options: FleetOptions): Promise<Fleet> {
  const { namespace, isForLooking = false } = options;
  const { createLogger } = await import('../../observability/logger.ts');
  const fleet = new Fleet(session, namespace, createLogger('silent'));
  const { cache } = fleet;
  const scope: ListScope = namespace === undefined ? {} : { namespace };
  const ours: ListScope = { ...scope, labelSelector: `${LABEL_MANAGED_BY}=${FIELD_MANAGER}` };
  const read = async <T extends StoreItem>(
    kind: Resource,
    store: Store<T>,
    project: (raw: unknown) => T,
    from: ListScope = scope,
    isOptional = false,
  ): Promise<void> => {
    const isServed = await readInto(session, kind, store, project, from, isOptional);
    if (!isServed) fleet.notServed.push(kind.plural);
  };
  await Promise.all([
    read(kinds.CLUSTER_DEPLOYMENTS, cache.deployments, readClusterDeployment),
    read(kinds.CLUSTER_AUDIT_POLICIES, cache.policies, (raw) => cache.readPolicy(raw)),
    read(kinds.HELM_RELEASES, cache.helmReleases, readHelmRelease),
    read(kinds.CONFIG_MAPS, cache.configMaps, readPolicyConfigMap, ours),
    read(kinds.CONTROLLER_REVISIONS, cache.revisions, readKeptRevision, ours, isForLooking),
    readCapiClusters(fleet, scope, isForLooking),
    ...[kinds.CLUSTER_DEPLOYMENTS, kinds.CLUSTER_AUDIT_POLICIES, kinds.MANAGEMENTS].map(async (kind) => {
      const crd = await readDefinition(session.client, kind);
      if (crd) cache.crds.upsert(crd);
    }),
  ]);
  await fleet.lookUpConfigMaps(cache.deployments.keys());
  return fleet;
}

/** The newest version that is served, as the operator takes it. */
async function readCapiClusters(fleet: Fleet, scope: ListScope, isOptional: boolean): Promise<void> {
  const { cache, session } = fleet;
  for (const kind of kinds.CAPI_CLUSTER_VERSIONS) {
    if (await readInto(session, kind, cache.clusters, readCapiCluster, scope, isOptional)) return;
  }
}

/** @returns false when the kind is not served */
async function readInto<T extends StoreItem>(
  { client }: Session,
  kind: Resource,
  store: Store<T>,
  project: (raw: unknown) => T,
  scope: ListScope,
  isOptional: boolean,
): Promise<boolean> {
  try {
    for (const item of await listAll(client, kind, scope, project)) store.upsert(item);
    return true;
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false;
    if (!isKubeError(error, 'Forbidden')) throw error;
    if (!isOptional) throw new UsageError(`cannot read ${kind.plural}: ${error.message}.`);
    return true;
  }
}

/** Whether a ConfigMap of our name would matter to a cluster. */
function isConcerned(observed: Observed): boolean {
  const { auditPolicy } = observed.deployment;
  return (auditPolicy !== undefined && isObjectName(auditPolicy)) || policyRefInPlace(observed) !== undefined;
}

/** The keys of the objects that a label selector selects; undefined without one. */
export async function selectedKeys(
  { client }: Session,
  kind: Resource,
  namespace: string | undefined,
  labelSelector: string | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (labelSelector === undefined) return undefined;
  const scope = { namespace, labelSelector };
  try {
    return new Set(await listAll(client, kind, scope, (raw) => readObjectMeta(raw).key));
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return new Set();
    throw error;
  }
}
