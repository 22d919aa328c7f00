import { EVENTS } from '../../api/events.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Logger } from '../../observability/logger.ts';
import { planCluster } from '../../plan/cluster.ts';
import { planFailure } from '../../plan/failure.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
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
    const { cache, client, clock, logger } = this.#options;
    const { deployment } = observed;
    const writes: string[] = [];
    try {
      const reported = await this.#applyAll(observed, plan, writes, signal);
      const { condition } = reported;
      if (await writeCondition(client, cache, deployment, condition, clock.now(), signal)) {
        writes.push(typeof condition === 'string' ? 'RemoveCondition' : `Condition:${condition.reason}`);
      }
      this.#recordEvents(deployment, reported);
      return reported;
    } finally {
      if (writes.length > 0) logger.info({ cluster: deployment.key, writes }, 'reconciled');
    }
  }

  /** @param writes is appended what was sent, so that a log tells it even if a later write fails */
  async #applyAll(observed: Observed, plan: Plan, writes: string[], signal: AbortSignal): Promise<Plan> {
    const { deployment } = observed;
    for (const action of plan.actions) {
      try {
        await this.#applier.apply(action, deployment, signal);
      } catch (error) {
        const failure = explainFailure(error, action, deployment.name);
        if (failure === undefined) throw error;
        this.#options.logger.warn(
          { cluster: deployment.key, action: action.type, err: error },
          'write refused',
        );
        return planFailure(observed, failure);
      }
      writes.push(describe(action));
    }
    return plan;
  }

  #recordEvents({ namespace, name, uid }: ClusterDeployment, { events }: Plan): void {
    const regarding = {
      apiVersion: K0RDENT_API_VERSION,
      kind: CLUSTER_DEPLOYMENTS.kind,
      namespace,
      name,
      uid,
    };
    for (const { reason, message } of events) {
      this.#options.recorder.event(regarding, EVENTS[reason].type, reason, message);
    }
  }
}

async function withConfigMap(client: KubeClient, observed: Observed, signal: AbortSignal): Promise<Observed> {
  const configMap = await lookUpConfigMap(client, observed, signal);
  return configMap === undefined ? observed : { ...observed, configMap };
}

/** For the log: the write, and the short hash of what it puts in place. */
function describe(action: Action): string {
  switch (action.type) {
    case 'SetPolicyRef':
      return `${action.type}:${action.hash}`;
    case 'CreateConfigMap':
    case 'PatchConfigMap':
      return `${action.type}:${action.content.sha256.slice(0, 8)}`;
    default:
      return action.type;
  }
}
