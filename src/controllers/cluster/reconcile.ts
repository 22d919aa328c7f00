import { EVENTS } from '../../api/events.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Logger } from '../../observability/logger.ts';
import { planCluster } from '../../plan/cluster.ts';
import { planFailure } from '../../plan/failure.ts';
import type { Action, Observed, Plan, PlanSettings } from '../../plan/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import type { EventRecorder } from '../../runtime/recorder.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_DEPLOYMENTS } from '../kinds.ts';
import { Applier } from './apply.ts';
import { explainFailure } from './failure.ts';
import { lookUpConfigMap, mustLookUpConfigMap, observe } from './observe.ts';
import { writeCondition } from './write-status.ts';

export interface ClusterReconcilerOptions {
  client: KubeClient;
  cache: Cache;
  recorder: EventRecorder;
  settings: PlanSettings;
  clock: Clock;
  logger: Logger;
}

/** Brings one cluster to what its ClusterDeployment asks for: observe, plan, apply, report. */
export class ClusterReconciler {
  readonly #options: ClusterReconcilerOptions;
  readonly #applier: Applier;

  constructor(options: ClusterReconcilerOptions) {
    this.#options = options;
    this.#applier = new Applier(options.client, options.cache);
  }

  /** @param key `namespace/name` of the ClusterDeployment */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { cache, client, clock, settings } = this.#options;
    let observed = observe(cache, key, clock.now());
    if (observed === undefined) return undefined;
    if (mustLookUpConfigMap(observed)) observed = await withConfigMap(client, observed, signal);
    let plan = planCluster(observed, settings);
    try {
      plan = await this.#carryOut(observed, plan, signal);
    } catch (error) {
      // Somebody made a ConfigMap of this name that the cache does not show: look at it and think again, once.
      if (!isKubeError(error, 'AlreadyExists')) throw error;
      observed = await withConfigMap(client, observed, signal);
      plan = await this.#carryOut(observed, planCluster(observed, settings), signal);
    }
    return plan.requeueAfterMs === undefined ? undefined : { requeueAfterMs: plan.requeueAfterMs };
  }

  /** @returns the plan whose words were reported: the one given, or the one that explains a refused write */
  async #carryOut(observed: Observed, plan: Plan, signal: AbortSignal): Promise<Plan> {
    const reported = await this.#applyAll(observed, plan, signal);
    await this.#report(observed, reported, signal);
    return reported;
  }

  async #applyAll(observed: Observed, plan: Plan, signal: AbortSignal): Promise<Plan> {
    const { logger } = this.#options;
    const { deployment } = observed;
    for (const action of plan.actions) {
      try {
        await this.#applier.apply(action, deployment, signal);
      } catch (error) {
        const failure = explainFailure(error, action, deployment.name);
        if (failure === undefined) throw error;
        logger.warn({ cluster: deployment.key, action: action.type, err: error }, 'write refused');
        return planFailure(observed, failure);
      }
      logger.info({ cluster: deployment.key, action: action.type, ...detail(action) }, 'written');
    }
    return plan;
  }

  async #report(observed: Observed, plan: Plan, signal: AbortSignal): Promise<void> {
    const { cache, client, recorder, logger, clock } = this.#options;
    const { deployment } = observed;
    const sent = await writeCondition(client, cache, deployment, plan.condition, clock.now(), signal);
    if (sent) {
      const said = typeof plan.condition === 'string' ? { status: 'removed' } : plan.condition;
      logger.info(
        {
          cluster: deployment.key,
          status: said.status,
          ...('reason' in said ? { reason: said.reason } : {}),
        },
        'condition set',
      );
    }
    const { namespace, name, uid } = deployment;
    const regarding = {
      apiVersion: K0RDENT_API_VERSION,
      kind: CLUSTER_DEPLOYMENTS.kind,
      namespace,
      name,
      uid,
    };
    for (const { reason, message } of plan.events)
      recorder.event(regarding, EVENTS[reason].type, reason, message);
  }
}

async function withConfigMap(client: KubeClient, observed: Observed, signal: AbortSignal): Promise<Observed> {
  const configMap = await lookUpConfigMap(client, observed, signal);
  return configMap === undefined ? observed : { ...observed, configMap };
}

function detail(action: Action): { hash?: string } {
  switch (action.type) {
    case 'SetPolicyRef':
      return { hash: action.hash };
    case 'CreateConfigMap':
    case 'PatchConfigMap':
      return { hash: action.content.sha256.slice(0, 8) };
    default:
      return {};
  }
}
