import { EVENTS } from '../../api/events.ts';
import type { Reason } from '../../api/reasons.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Logger } from '../../observability/logger.ts';
import { isObserver, planCluster } from '../../plan/cluster.ts';
import { planFailure, type WriteFailure } from '../../plan/failure.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import { repairInPlace } from '../../plan/repair.ts';
import type { Action, Observed, Plan, PlanSettings } from '../../plan/types.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { ReconcileResult } from '../../runtime/controller.ts';
import type { EventRecorder } from '../../runtime/recorder.ts';
import type { Cache } from '../cache.ts';
import { CLUSTER_DEPLOYMENTS } from '../kinds.ts';
import { Applier } from './apply.ts';
import type { ChangeSlots } from './change-slots.ts';
import { Contest } from './contest.ts';
import { Confirmation } from './confirm.ts';
import { lookUpConfigMap, lookUpPolicy, mustLookUpConfigMap, mustLookUpPolicy, observe } from './observe.ts';
import { refresh } from './refresh.ts';
import { sendAll } from './send-all.ts';
import { writeCondition } from './write-status.ts';

export interface ClusterReconcilerOptions {
  client: KubeClient;
  cache: Cache;
  recorder: EventRecorder;
  settings: PlanSettings;
  clock: Clock;
  logger: Logger;
  slots: ChangeSlots;
  /** For the counts of what was found. */
  tell?: ClusterTell;
  /** The end of this reconciler: it listens to the cache no more. */
  until?: AbortSignal;
}

/** Told of what concerns more than the one cluster. */
export interface ClusterTell {
  /** What somebody had changed was restored. */
  repaired(): void;
  /** Another writer has taken out again what is ours, and the operator has given way. */
  contested(): void;
}

const NOTHING_TO_DO: Plan = { actions: [], condition: 'keep', events: [] };

/** Brings one cluster to what its ClusterDeployment asks for: observe, plan, apply, report. */
export class ClusterReconciler {
  readonly #options: ClusterReconcilerOptions;
  readonly #applier: Applier;
  readonly #confirmation: Confirmation;
  readonly #contest: Contest;
  /** Clusters of which a user has asked for another look, at what is really there. */
  readonly #requested = new Set<string>();

  constructor(options: ClusterReconcilerOptions) {
    this.#options = options;
    this.#applier = new Applier(options.client, options.cache, options.until);
    this.#confirmation = new Confirmation(options.client, options.cache, options.until);
    this.#contest = new Contest(({ key }, losses, retryInMs) => {
      options.logger.warn({ cluster: key, losses, retryInMs }, 'another writer replaces the condition');
    });
    options.cache.deployments.follow(({ key, before, after }) => {
      if (after === undefined) this.#contest.forget(key);
      if (after === undefined) this.#requested.delete(key);
      else if (before !== undefined && before.requestedAt !== after.requestedAt) this.#requested.add(key);
    }, options.until);
  }

  /** @param key `namespace/name` of the ClusterDeployment */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    // What looks like a cleared reference may be one that the API server drops: nothing is known, so nothing is done.
    if (this.#options.cache.referenceIsPruned) return undefined;
    const { client, slots } = this.#options;
    let plan: Plan | undefined;
    try {
      const observed = await this.#observe(key, signal);
      if (observed === undefined) return undefined;
      plan = await this.#carryOut(observed, signal).catch(async (error: unknown) => {
        // Somebody made a ConfigMap of this name that the cache does not show: look at it and think again, once.
        if (!isKubeError(error, 'AlreadyExists')) throw error;
        return this.#carryOut(await withConfigMap(client, observed, signal), signal);
      });
      const again = [plan.requeueAfterMs, this.#contest.restMs(key, this.#options.clock.now())];
      const requeues = again.filter((ms) => ms !== undefined);
      return requeues.length === 0 ? undefined : { requeueAfterMs: Math.min(...requeues) };
    } finally {
      slots.done(key, plan !== undefined && saysReason(plan, 'ChangeQueued'));
    }
  }

  /** What the cache knows, and where it cannot tell, or a user has asked for another look, the API server. */
  async #observe(key: string, signal: AbortSignal): Promise<Observed | undefined> {
    const { cache, client } = this.#options;
    const deployment = cache.deployments.get(key);
    if (deployment !== undefined && this.#requested.delete(key)) {
      await refresh(client, cache, deployment, signal).catch((error: unknown) => {
        this.#requested.add(key);
        throw error;
      });
    }
    const observed = this.#observeCache(key);
    if (observed === undefined || isObserver(observed)) return observed;
    const policy = mustLookUpPolicy(observed)
      ? await lookUpPolicy(client, observed, signal)
      : observed.policy;
    const complete = policy === undefined ? observed : { ...observed, policy };
    return mustLookUpConfigMap(complete) ? withConfigMap(client, complete, signal) : complete;
  }

  #observeCache(key: string): Observed | undefined {
    const { cache, clock, slots } = this.#options;
    const observed = observe(cache, key, clock.now());
    return (
      observed && {
        ...observed,
        deployment: this.#contest.seen(observed.deployment, observed.now),
        changesElsewhere: slots.elsewhere(key),
        isValuesWriteUnfinished: this.#applier.isValuesWriteUnfinished(key),
      }
    );
  }

  /** @returns the plan whose words were reported: the first, or the one that explains a refused write */
  async #carryOut(observed: Observed, signal: AbortSignal): Promise<Plan> {
    const { cache, client, clock, logger, settings, slots } = this.#options;
    const { deployment } = observed;
    // Counted anew, and taken in the same breath: between two looks another cluster may have begun.
    const plan = planCluster({ ...observed, changesElsewhere: slots.elsewhere(deployment.key) }, settings);
    if (this.#confirmation.isNeeded(observed, plan)) return this.#carryOutConfirmed(observed, signal);
    if (plan.actions.some(({ type }) => type === 'SetPolicyRef')) slots.start(deployment.key);
    const writes: string[] = [];
    try {
      const failure = await this.#send(observed, plan.actions, writes, signal);
      const reported =
        failure === undefined ? plan : await this.#afterFailure(observed, failure, writes, signal);
      // Before the status, whose failure would otherwise lose them: the writes that they tell of are not made again.
      this.#recordEvents(deployment, reported);
      const { condition } = reported;
      const word = await writeCondition(client, cache, deployment, condition, clock.now(), signal);
      if (word !== undefined) {
        if (saysReason(reported, 'Reverted')) this.#options.tell?.contested();
        if (word.sent) this.#contest.said(deployment, word.condition, clock.now());
        writes.push(typeof condition === 'string' ? 'RemoveCondition' : `Condition:${condition.reason}`);
      }
      return reported;
    } catch (error) {
      if (this.#applier.isValuesWriteUnfinished(deployment.key)) {
        await this.#putBack(deployment, writes, signal).catch((cause: unknown) => {
          slots.keep(deployment.key);
          logger.warn({ cluster: deployment.key, err: cause }, 'ConfigMap not put back yet');
        });
      }
      throw error;
    } finally {
      if (writes.length > 0) logger.info({ cluster: deployment.key, writes }, 'reconciled');
    }
  }

  /** Once more, on what the API server itself says of the cluster. */
  async #carryOutConfirmed(observed: Observed, signal: AbortSignal): Promise<Plan> {
    const { cache } = this.#options;
    const { configMap, deployment } = observed;
    const isLookedUp = configMap !== undefined && cache.configMaps.get(configMap.key) === undefined;
    await this.#confirmation.confirm(observed, signal);
    const now = await this.#observe(deployment.key, signal);
    if (now === undefined) return NOTHING_TO_DO;
    return this.#carryOut(isLookedUp ? { configMap, ...now } : now, signal);
  }

  #send(
    { deployment }: Observed,
    actions: readonly Action[],
    writes: string[],
    signal: AbortSignal,
  ): Promise<WriteFailure | undefined> {
    const { logger } = this.#options;
    return sendAll({ applier: this.#applier, logger, deployment, writes }, actions, signal);
  }

  async #afterFailure(
    observed: Observed,
    failure: WriteFailure,
    writes: string[],
    signal: AbortSignal,
  ): Promise<Plan> {
    const plan = planFailure(this.#observeCache(observed.deployment.key) ?? observed, failure);
    await this.#send(observed, plan.actions, writes, signal);
    return plan;
  }

  /**
   * The values were not written, or nobody knows: until they are, the ConfigMap holds what they name. What they name is read,
   * since the write may have been done and only its answer be lost.
   */
  async #putBack(deployment: ClusterDeployment, writes: string[], signal: AbortSignal): Promise<void> {
    const { cache, client } = this.#options;
    await refresh(client, cache, deployment, signal);
    const observed = this.#observeCache(deployment.key);
    if (observed !== undefined && !isObserver(observed)) {
      await this.#send(observed, repairInPlace(observed).actions, writes, signal);
    }
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
      if (reason === 'AuditPolicyConfigMapRepaired') this.#options.tell?.repaired();
      this.#options.recorder.event(regarding, EVENTS[reason].type, reason, message);
    }
  }
}

function saysReason({ condition }: Plan, reason: Reason): boolean {
  return typeof condition !== 'string' && condition.reason === reason;
}

async function withConfigMap(client: KubeClient, observed: Observed, signal: AbortSignal): Promise<Observed> {
  const configMap = await lookUpConfigMap(client, observed, signal);
  return configMap === undefined ? observed : { ...observed, configMap };
}
