import { count } from '../../api/figures.ts';
import { findOperator, type OperatorPlace, type SeenDeployment, type SeenLease } from '../fleet/operator.ts';
import type { Session } from '../session.ts';
import { failed, info, ok, unseen, type Finding } from './finding.ts';

/** Whether the operator runs, and which replica leads, as far as can be seen. */
export async function checkOperator(session: Session, place: OperatorPlace): Promise<Finding[]> {
  const { deployments, leases, unreadable } = await findOperator(session, place);
  const seen = [...deployments.map(judgeDeployment), ...leases.map(judgeLease)];
  // Either of the two tells whether it runs.
  const how = unreadable.length > 1 ? 'matters' : 'aside';
  const hidden = unreadable.map((why) => unseen('operator', `not visible, for want of a right: ${why}`, how));
  if (seen.length + hidden.length > 0) return [...seen, ...hidden];
  return [
    info(
      'operator',
      `no Deployment or Lease named "${place.name}": the operator is not installed, or by another name (--operator-name)`,
    ),
  ];
}

function judgeDeployment({ namespace, replicas, available, image }: SeenDeployment): Finding {
  const what = `Deployment in namespace "${namespace}" (${image}): ${available} of ${count(replicas, 'replica')} available`;
  return (available > 0 ? ok : failed)('operator', what);
}

function judgeLease({ namespace, holder, isHeld, ageSeconds }: SeenLease): Finding {
  const age = ageSeconds === undefined ? 'never renewed' : `renewed ${ageSeconds} s ago`;
  if (isHeld) return ok('leader', `"${holder}" leads (Lease in namespace "${namespace}", ${age})`);
  return failed(
    'leader',
    `nobody leads: the Lease in namespace "${namespace}" is ${holder === '' ? 'not held' : 'out of date'} (${age})`,
  );
}
