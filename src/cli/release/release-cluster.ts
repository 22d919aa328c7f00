import { Applier } from '../../controllers/cluster/apply.ts';
import { explainFailure } from '../../controllers/cluster/failure.ts';
import { refresh, refreshDeployment } from '../../controllers/cluster/refresh.ts';
import { writeCondition } from '../../controllers/cluster/write-status.ts';
import { isKubeError } from '../../kube/errors.ts';
import { isObserver } from '../../plan/cluster.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import type { Action, Observed } from '../../plan/types.ts';
import { actionsInWords } from '../fleet/action-words.ts';
import type { Fleet } from '../fleet/read-fleet.ts';
import { planRelease } from './plan-release.ts';

/** How it ended for one cluster. */
export interface Outcome {
  isReleased: boolean;
  /** It failed on the way, so the next clusters may, too. */
  isAlarming: boolean;
  message: string;
}

export interface ReleaseOptions {
  fleet: Fleet;
  /** For each cluster. */
  timeoutMs: number;
  pollMs: number;
  /** Told of each step. */
  onProgress: (key: string, text: string) => void;
  signal: AbortSignal;
}

/** Takes everything of the operator's from clusters: the values, then, once Flux has settled without it, the ConfigMap. */
export class Releaser {
  readonly #options: ReleaseOptions;
  readonly #applier: Applier;

  constructor(options: ReleaseOptions) {
    this.#options = options;
    this.#applier = new Applier(options.fleet.session.client, options.fleet.cache);
  }

  /** Goes on until the cluster is free of it, or cannot be; what was done before is found and not done again. */
  async release(key: string): Promise<Outcome> {
    try {
      return await this.#untilDone(key);
    } catch (error) {
      if (this.#options.signal.aborted) return alarming('stopped; run this again to go on');
      if (!isKubeError(error)) throw error;
      return alarming(error.message);
    }
  }

  async #untilDone(key: string): Promise<Outcome> {
    const { fleet, onProgress, pollMs, signal, timeoutMs } = this.#options;
    const { clock } = fleet.session;
    const deadline = clock.monotonic() + timeoutMs;
    let waitsFor = '';
    let isTakenOut = false;
    for (;;) {
      signal.throwIfAborted();
      const deployment = await this.#look(key);
      const observed = deployment && fleet.observe(key);
      if (observed === undefined) return released('the ClusterDeployment is gone');
      const step = planRelease(observed);
      if (step.type === 'done') return await this.#finish(observed, step.note);
      if (step.type === 'left') return left(step.why);
      if (step.type === 'failed') return alarming(step.why);
      if (step.type === 'write') {
        const takesOut = step.actions.some(takesValuesOut);
        // Every turn rolls the control plane: nobody is fought.
        if (takesOut && isTakenOut) return alarming('something has put the reference back into the values');
        const sent = await this.#send(step.actions, observed.deployment);
        if (sent.refused !== undefined) return left(sent.refused);
        isTakenOut ||= takesOut && sent.isWhole;
        if (sent.isWhole) continue;
      } else if (step.why !== waitsFor) {
        onProgress(key, `waits: ${step.why}`);
        waitsFor = step.why;
      }
      if (clock.monotonic() >= deadline) return alarming('not done in time (--timeout); run this again');
      await clock.sleep(pollMs, signal);
    }
  }

  /** Reads all of one cluster from the API server itself. */
  async #look(key: string): Promise<ClusterDeployment | undefined> {
    const { fleet, signal } = this.#options;
    const { cache, session } = fleet;
    const before = cache.deployments.get(key);
    if (before === undefined) return undefined;
    await refreshDeployment(session.client, cache, before, signal);
    const now = cache.deployments.get(key);
    if (now === undefined) return undefined;
    await refresh(session.client, cache, now, signal);
    await fleet.lookUpConfigMaps([key]);
    return now;
  }

  /** Up to the first write that does not go through; one that came too late is to be thought over. */
  async #send(
    actions: readonly Action[],
    deployment: ClusterDeployment,
  ): Promise<{ isWhole: boolean; refused?: string }> {
    const { onProgress, signal } = this.#options;
    for (const action of actions) {
      try {
        await this.#applier.apply(action, deployment, signal);
      } catch (error) {
        const failure = explainFailure(error, action, deployment.name);
        if (failure !== undefined) return { isWhole: false, refused: `${failure.name}: ${failure.message}` };
        if (isKubeError(error, 'Conflict', 'Invalid')) return { isWhole: false };
        throw error;
      }
      onProgress(deployment.key, actionsInWords([action]));
    }
    return { isWhole: true };
  }

  /** The condition told of what is no longer there. Who may not write it has done all that matters. */
  async #finish(observed: Observed, note = 'released'): Promise<Outcome> {
    const { fleet, signal } = this.#options;
    const { client, clock } = fleet.session;
    const { deployment } = observed;
    if (!isObserver(observed)) {
      try {
        await writeCondition(client, fleet.cache, deployment, 'remove', clock.now(), signal);
      } catch (error) {
        if (!isKubeError(error)) throw error;
      }
    }
    return released(note);
  }
}

function takesValuesOut({ type }: Action): boolean {
  return type === 'ReleasePolicyRef' || type === 'RemovePolicyRef';
}

function released(message: string): Outcome {
  return { isReleased: true, isAlarming: false, message };
}

function left(message: string): Outcome {
  return { isReleased: false, isAlarming: false, message };
}

function alarming(message: string): Outcome {
  return { isReleased: false, isAlarming: true, message };
}
