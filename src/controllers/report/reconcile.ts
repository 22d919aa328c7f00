import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Logger } from '../../observability/logger.ts';
import { mustSeeConfigMap, planReport, reasonToLook, type ReportPlan } from '../../plan/audit-report.ts';
import { readClusterAuditReport, type ClusterAuditReport } from '../../plan/observed/audit-report.ts';
import type { PolicyConfigMap } from '../../plan/observed/config-map.ts';
import type { Observed } from '../../plan/types.ts';
import type { KubernetesVersion } from '../../policy/kubernetes-version.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import type { Random } from '../../runtime/random.ts';
import type { Cache } from '../cache.ts';
import { lookUpConfigMap, observe } from '../cluster/observe.ts';
import { CLUSTER_AUDIT_REPORTS } from '../kinds.ts';

/** How long what was seen of KCM's ConfigMap is believed when nothing that concerns it changes. */
export const LOOK_AGAIN_MS = 10 * 60_000;

export interface ReportReconcilerOptions {
  client: KubeClient;
  cache: Cache;
  assumedVersion: KubernetesVersion;
  clock: Clock;
  random: Random;
  logger: Logger;
}

/** A ConfigMap as it was when somebody last looked. */
interface Look {
  reason: string;
  untilMs: number;
  configMap?: PolicyConfigMap;
  unreadable?: string;
}

/** Keeps the ClusterAuditReport of one cluster. It writes reports and nothing else, least of all what is KCM's. */
export class ReportReconciler {
  readonly #options: ReportReconcilerOptions;
  /** KCM wakes us at each of its turns; what is known of a ConfigMap is not asked for again each time. */
  readonly #looks = new Map<string, Look>();

  constructor(options: ReportReconcilerOptions) {
    this.#options = options;
  }

  /** @param key `namespace/name` of the ClusterDeployment */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { cache, clock, assumedVersion } = this.#options;
    const observed = observe(cache, key, clock.now());
    if (observed === undefined) this.#looks.delete(key);
    // Of a deployment that is gone, the garbage collector takes the report as well.
    if (observed === undefined || observed.deployment.deleting) return undefined;
    if (cache.crd(CLUSTER_AUDIT_REPORTS)?.served !== true) return undefined;
    const before = cache.reports.get(key);
    const look = await this.#look(key, observed, before, signal);
    const complete = look?.configMap === undefined ? observed : { ...observed, configMap: look.configMap };
    const plan = planReport({
      observed: complete,
      assumedVersion,
      ...(before ? { before } : {}),
      ...(look?.unreadable === undefined ? {} : { unreadable: look.unreadable }),
    });
    await this.#carryOut(observed, plan, signal);
    return look && { requeueAfterMs: Math.max(1, look.untilMs - clock.now()) };
  }

  /** The ConfigMap that no watch shows; undefined when nothing hangs on it, or a watch shows it after all. */
  async #look(
    key: string,
    observed: Observed,
    before: ClusterAuditReport | undefined,
    signal: AbortSignal,
  ): Promise<Look | undefined> {
    if (observed.configMap !== undefined || !mustSeeConfigMap(observed, before)) {
      this.#looks.delete(key);
      return undefined;
    }
    const reason = reasonToLook(observed);
    const known = this.#looks.get(key);
    if (known?.reason === reason && observed.now < known.untilMs) return known;
    const { client, random } = this.#options;
    const untilMs = observed.now + LOOK_AGAIN_MS * (1 + random() / 10);
    const look = { reason, untilMs, ...(await seeConfigMap(client, observed, signal)) };
    this.#looks.set(key, look);
    return look;
  }

  async #carryOut({ deployment }: Observed, plan: ReportPlan, signal: AbortSignal): Promise<void> {
    if (plan.type === 'keep') return;
    if (plan.type === 'delete') return this.#delete(plan.report, signal);
    const { client, cache, logger } = this.#options;
    const { key, namespace, name } = deployment;
    const target = { namespace, name };
    const { body, condition } = plan;
    const { sent, object } =
      plan.type === 'create'
        ? await client.create(CLUSTER_AUDIT_REPORTS, target, body, { signal })
        : await client.mergePatch(CLUSTER_AUDIT_REPORTS, target, body, { signal });
    if (!sent) return;
    cache.reports.upsert(readClusterAuditReport(object));
    logger.info({ cluster: key, agrees: condition.status, reason: condition.reason }, 'reported');
  }

  async #delete({ namespace, name, uid }: ClusterAuditReport, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.client.delete(CLUSTER_AUDIT_REPORTS, { namespace, name }, { uid, signal });
    } catch (error) {
      if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}

async function seeConfigMap(
  client: KubeClient,
  observed: Observed,
  signal: AbortSignal,
): Promise<Pick<Look, 'configMap' | 'unreadable'>> {
  try {
    const configMap = await lookUpConfigMap(client, observed, signal);
    return configMap === undefined ? {} : { configMap };
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    return { unreadable: error.message };
  }
}
