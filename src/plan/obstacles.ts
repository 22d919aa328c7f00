import type { EventReason } from '../api/events.ts';
import { configMapName } from '../api/names.ts';
import type { Reason } from '../api/reasons.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { quorumWarning } from './control-plane-size.ts';
import { ownership, policyRefInPlace } from './in-place.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { areLeftBehind, nameOwners, otherOwners, ownersInTheWay } from './policy-ref-owners.ts';
import { heldMessage, isEdit, propagationOf } from './propagation.ts';
import { MOST_REWRITES, countRevert } from './reverts.ts';
import type { Observed, PlanSettings } from './types.ts';
import { underWay } from './under-way.ts';
import { unfitMessage } from './unfit.ts';
import type { TargetVersion } from './version.ts';

/** A good policy, a cluster with a HelmRelease: what could still stand between them. */
export interface Delivery {
  observed: Observed;
  settings: PlanSettings;
  wanted: AcceptedPolicy;
  helmRelease: HelmRelease;
  target: TargetVersion;
}

/** Why a policy is not delivered now. */
export interface Obstacle {
  reason: Reason;
  message: string;
  event?: EventReason;
  /** When a watch or time alone will not bring the cluster back. */
  requeueAfterMs?: number;
}

type Question = (delivery: Delivery) => Obstacle | undefined;

/** Asked in this order; the first that has an answer counts. */
const QUESTIONS: readonly Question[] = [unfit, foreignConfigMap, hashCollision];
/** Asked only when the values have to change: the control plane will roll. */
const VALUES_QUESTIONS: readonly Question[] = [
  ownedByOthers,
  takenOutAgain,
  suspended,
  heldBack,
  rollInProgress,
  queued,
];

/** The first thing that stands in the way of a delivery; undefined when nothing does. */
export function obstacleTo(delivery: Delivery): Obstacle | undefined {
  const questions = valuesAreRight(delivery) ? QUESTIONS : [...QUESTIONS, ...VALUES_QUESTIONS];
  for (const question of questions) {
    const obstacle = question(delivery);
    if (obstacle !== undefined) return obstacle;
  }
  return undefined;
}

function valuesAreRight({ observed, wanted }: Delivery): boolean {
  return policyRefInPlace(observed)?.hash === wanted.hash;
}

function policyName({ observed }: Delivery): string {
  return observed.policy?.name ?? '';
}

/** What is in place already is judged again only once the version is certain. */
function unfit(delivery: Delivery): Obstacle | undefined {
  const { wanted, target } = delivery;
  const message = unfitMessage(policyName(delivery), wanted, target);
  if (message === undefined || (valuesAreRight(delivery) && target.assumed)) return undefined;
  return {
    reason: 'PolicyUnfit',
    message,
    event: 'ClusterAuditPolicyError',
  };
}

function foreignConfigMap({ observed, settings }: Delivery): Obstacle | undefined {
  const { configMap } = observed;
  if (configMap === undefined || ownership(configMap, observed) !== 'foreign') return undefined;
  return {
    reason: 'NameConflict',
    message: `ConfigMap "${configMap.name}" exists and is not the operator's, so it is left as it is. Remove it or rename it; see docs/takeover.md if it holds the policy in place.`,
    event: 'AuditPolicyConfigMapError',
    requeueAfterMs: settings.lookAgainMs,
  };
}

function hashCollision(delivery: Delivery): Obstacle | undefined {
  const { observed, settings, wanted } = delivery;
  const twin = observed.keptRevisions.find((kept) => kept.startsWith(wanted.hash) && kept !== wanted.sha256);
  if (twin === undefined) return undefined;
  return {
    reason: 'HashCollision',
    message: `Policy "${policyName(delivery)}" (sha256 ${wanted.sha256}) has the short hash ${wanted.hash} of another one kept in this namespace (sha256 ${twin}); change it in any way that changes its bytes.`,
    event: 'ClusterAuditPolicyError',
    requeueAfterMs: settings.lookAgainMs,
  };
}

function ownedByOthers({ observed, wanted, helmRelease }: Delivery): Obstacle | undefined {
  const inTheWay = ownersInTheWay(helmRelease, wanted.hash);
  if (inTheWay.length === 0 || areLeftBehind(observed, inTheWay)) return undefined;
  const who = nameOwners(inTheWay);
  return {
    reason: 'FieldConflict',
    message: `HelmRelease "${helmRelease.name}": spec.values.audit.policyRef is owned by ${who}, and is left as it is. Take the key out of what ${who} applies.`,
    event: 'AuditPolicyConfigMapError',
  };
}

function takenOutAgain({ observed, wanted, helmRelease }: Delivery): Obstacle | undefined {
  const reverted = countRevert(observed, wanted, helmRelease);
  if (reverted === undefined || reverted.count <= MOST_REWRITES) return undefined;
  // Who owns what stands there now has written it; who only took keys out owns nothing.
  const known = otherOwners(helmRelease)[0]?.manager ?? helmRelease.valuesWriter;
  const who = `Another writer${known === undefined ? '' : ` (of spec.values the last one known is "${known}")`}`;
  const what =
    helmRelease.policyRef === undefined
      ? 'taken spec.values.audit.policyRef out of'
      : 'changed spec.values.audit.policyRef in';
  return {
    reason: 'Reverted',
    message: `${who} has ${what} HelmRelease "${helmRelease.name}" ${reverted.count} times, and every turn rolls the control plane, so the operator has stopped. Make that writer keep the key, then change the policy, or remove annotation auditpolicy.dev/reverted from ConfigMap "${configMapName(helmRelease.name)}".`,
    event: 'AuditPolicyConfigMapError',
  };
}

function suspended(delivery: Delivery): Obstacle | undefined {
  const { name, suspended: isSuspended } = delivery.helmRelease;
  if (!isSuspended) return undefined;
  return {
    reason: 'HelmReleaseSuspended',
    message: waits(delivery, `: HelmRelease "${name}" is suspended.`),
  };
}

function rollInProgress(delivery: Delivery): Obstacle | undefined {
  const { observed, settings, helmRelease } = delivery;
  const busy = underWay(observed, settings);
  if (busy === undefined) return undefined;
  const until = ` until Flux has finished ${busy.what} on HelmRelease "${helmRelease.name}".`;
  return {
    reason: 'RollInProgress',
    message: waits(delivery, until),
    requeueAfterMs: busy.deadlineMs - observed.now,
  };
}

function heldBack({ observed, wanted, helmRelease }: Delivery): Obstacle | undefined {
  if (!isEdit(observed, wanted, helmRelease) || propagationOf(observed.policy) !== 'Hold') return undefined;
  return { reason: 'ChangeHeld', message: heldMessage(observed.policy, wanted.hash) };
}

/** Its turn comes when another cluster is through; whoever counts them wakes it. */
function queued({ observed, settings, wanted, helmRelease }: Delivery): Obstacle | undefined {
  const { changesElsewhere = 0, policy } = observed;
  const most = settings.maxConcurrentChanges;
  if (
    changesElsewhere < most ||
    propagationOf(policy) === 'Immediate' ||
    !isEdit(observed, wanted, helmRelease)
  )
    return undefined;
  return {
    reason: 'ChangeQueued',
    message: `The edit of policy "${policy?.name ?? ''}" (hash ${wanted.hash}) waits for its turn: at most ${most} ${most === 1 ? 'cluster changes' : 'clusters change'} at a time (--max-concurrent-changes).`,
  };
}

function waits(delivery: Delivery, until: string): string {
  const change = `The change to policy "${policyName(delivery)}" (hash ${delivery.wanted.hash}) waits${until}`;
  const warning = quorumWarning(delivery.observed);
  return warning ? `${change} ${warning}` : change;
}
