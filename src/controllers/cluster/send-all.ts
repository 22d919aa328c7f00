import type { Logger } from '../../observability/logger.ts';
import type { WriteFailure } from '../../plan/failure.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import type { Action } from '../../plan/types.ts';
import type { Applier } from './apply.ts';
import { explainFailure } from './failure.ts';

/** Where the writes of a plan go, and where they are noted. */
export interface Sending {
  applier: Applier;
  logger: Logger;
  deployment: ClusterDeployment;
  /** Is appended what was sent, so that a log tells it even if a later write fails. */
  writes: string[];
}

/**
 * Sends the writes of a plan in their order, up to the first that is refused.
 * @returns what a user must know of the refused write, if there was one
 * @throws what passes by itself or is retried at once, as `explainFailure` has it
 */
export async function sendAll(
  { applier, logger, deployment, writes }: Sending,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<WriteFailure | undefined> {
  const explain = (error: unknown, action: Action): WriteFailure => {
    const failure = explainFailure(error, action, deployment.name);
    if (failure === undefined) throw error;
    logger.warn({ cluster: deployment.key, action: action.type, err: error }, 'write refused');
    return failure;
  };
  const values = actions.find((action) => action.type === 'SetPolicyRef');
  try {
    if (values) await applier.rehearse(values, deployment, signal);
  } catch (error) {
    if (values) return explain(error, values);
  }
  for (const action of actions) {
    try {
      await applier.apply(action, deployment, signal);
    } catch (error) {
      return explain(error, action);
    }
    writes.push(describe(action));
  }
  return undefined;
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
