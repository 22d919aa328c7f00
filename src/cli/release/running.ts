import type { Observed } from '../../plan/types.ts';
import { count } from '../../api/figures.ts';
import { findLabelled, findOperator, placeOf } from '../fleet/operator.ts';
import type { OperatorOptions, SeenOperator } from '../fleet/operator.ts';
import { UsageError } from '../io.ts';
import type { Session } from '../session.ts';
import { keyOf } from './announce.ts';

/** @throws UsageError when an operator would put back what is taken away, or when nobody can tell */
export async function refuseWhileRunning(
  session: Session,
  todo: readonly Observed[],
  options: OperatorOptions & { operatorStopped?: boolean },
): Promise<void> {
  const atRisk = todo.filter(
    ({ deployment, policy }) =>
      deployment.auditPolicy !== undefined && !deployment.paused && policy?.paused !== true,
  );
  if (atRisk.length === 0) return;
  const [seen, labelled] = await Promise.all([
    findOperator(session, placeOf(options)),
    findLabelled(session),
  ]);
  const running = runningIn(
    { ...seen, deployments: [...seen.deployments, ...labelled] },
    options.operatorName,
  );
  if (running !== undefined) {
    const some = atRisk.slice(0, 10).map(keyOf).join(', ');
    const more = atRisk.length > 10 ? ` and ${atRisk.length - 10} more` : '';
    throw new UsageError(
      `an operator runs (${running.what}) and would put back what is taken from ${some}${more}. ` +
        `Scale it to 0 first (kubectl -n ${running.namespace} scale deployment/${running.name} --replicas=0), ` +
        'or clear spec.auditPolicy of these clusters, or pause them (annotation auditpolicy.dev/paused: "true").',
    );
  }
  if (seen.unreadable.length > 0 && options.operatorStopped !== true) {
    throw new UsageError(
      `cannot tell whether an operator runs, which would put back what is taken away: ${seen.unreadable.join('; ')}. ` +
        'Make sure that none does, and say so with --operator-stopped.',
    );
  }
}

function runningIn(
  { leases, deployments }: SeenOperator,
  name: string,
): { what: string; namespace: string; name: string } | undefined {
  const held = leases.find(({ isHeld }) => isHeld);
  if (held) {
    const { namespace, holder, ageSeconds = 0 } = held;
    return {
      what: `its Lease in ${namespace} was renewed ${ageSeconds} s ago by "${holder}"`,
      namespace,
      name,
    };
  }
  const scaled = deployments.find(({ replicas }) => replicas > 0);
  return (
    scaled && {
      what: `its Deployment in ${scaled.namespace} has ${count(scaled.replicas, 'replica')}`,
      namespace: scaled.namespace,
      name: scaled.name,
    }
  );
}
