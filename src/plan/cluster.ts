import type { EventReason } from '../api/events.ts';
import { MAX_NAME_LENGTH, configMapName, isObjectName } from '../api/names.ts';
import type { Reason } from '../api/reasons.ts';
import { quoted } from '../api/visible.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { problemText } from '../policy/problem.ts';
import { planClear } from './clear.ts';
import { deliver } from './deliver.ts';
import { acceptedPolicy, isDelivered, policyRefInPlace } from './in-place.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { obstacleTo } from './obstacles.ts';
import { remoteTarget } from './remote-target.ts';
import { putBackDelivered, repairInPlace } from './repair.ts';
import { eventIfNews, firstFew, say } from './report.ts';
import type { Observed, Plan, PlanSettings } from './types.ts';
import { targetVersion } from './version.ts';

const NOTHING: Plan = { actions: [], condition: 'keep', events: [] };

/**
 * What to do about one cluster: a chain of questions, read from the top. The first that applies answers; only when
 * none does is the policy delivered. Pure: the same observation gives the same plan.
 */
export function planCluster(observed: Observed, settings: PlanSettings): Plan {
  const { deployment, helmRelease, policy } = observed;

  if (isObserver(observed) || deployment.deleting) return NOTHING;
  if (deployment.paused || policy?.paused) return paused(observed);
  if (deployment.auditPolicy === undefined) return planClear(observed, settings);
  if (deployment.dryRun) return dryRun(observed);

  const badReference = invalidReference(deployment.auditPolicy, deployment.name);
  if (badReference) return hold(observed, 'InvalidReference', badReference, 'ClusterAuditPolicyError');

  const remote = remoteTarget(observed);
  if (remote) {
    const message = `Not supported: ${remote}, and the ConfigMap would have to be there.`;
    return report(observed, 'RemoteTargetUnsupported', message, 'AuditPolicyConfigMapError');
  }

  const refused = refusal(observed, deployment.auditPolicy);
  if (refused) return refused;
  const wanted = acceptedPolicy(observed);
  if (wanted === undefined) return NOTHING;

  if (helmRelease === undefined) return withoutHelmRelease(observed, wanted);
  if (helmRelease.deleting) {
    return report(observed, 'HelmReleaseDeleting', `HelmRelease "${helmRelease.name}" is being deleted.`);
  }
  return deliverUnlessHindered(observed, settings, wanted, helmRelease);
}

/** KCM >= 1.10 writes by itself, and puts its own back: the operator writes nothing there, not even a repair. */
export function isObserver({
  kcmPresent,
  helmRelease,
}: Pick<Observed, 'kcmPresent' | 'helmRelease'>): boolean {
  return kcmPresent && (helmRelease === undefined || helmRelease.managedByKcm);
}

function paused(observed: Observed): Plan {
  const { deployment, policy } = observed;
  if (deployment.auditPolicy === undefined && policyRefInPlace(observed) === undefined) {
    return { ...NOTHING, condition: 'remove' };
  }
  const where = deployment.paused
    ? `ClusterDeployment "${deployment.name}"`
    : `ClusterAuditPolicy "${policy?.name ?? ''}"`;
  const message = `Annotation auditpolicy.dev/paused on ${where} stops all writes; ${inPlaceSentence(observed)}`;
  return {
    ...NOTHING,
    condition: say(observed, isDelivered(observed) ? 'True' : 'False', 'Paused', message),
  };
}

function dryRun(observed: Observed): Plan {
  const message = `spec.dryRun is true, so nothing is written; ${inPlaceSentence(observed)}`;
  return {
    ...NOTHING,
    condition: say(observed, isDelivered(observed) ? 'True' : 'False', 'DryRun', message),
  };
}

function inPlaceSentence(observed: Observed): string {
  const hash = policyRefInPlace(observed)?.hash;
  const wanted = acceptedPolicy(observed)?.hash;
  const now = hash === undefined ? 'no policy is in place' : `hash ${hash} is in place`;
  return wanted === undefined || wanted === hash ? `${now}.` : `${now}, hash ${wanted} is wanted.`;
}

function invalidReference(name: string, deployment: string): string | undefined {
  if (!isObjectName(name)) {
    return `spec.auditPolicy is ${quoted(name)}: it must be the plain name of a ClusterAuditPolicy in the same namespace.`;
  }
  const length = configMapName(deployment).length;
  return length > MAX_NAME_LENGTH
    ? `ConfigMap name "<name>-audit-policy" would have ${length} characters; the API server takes ${MAX_NAME_LENGTH}.`
    : undefined;
}

/** The policy is missing or has errors: what is in place stays, and is repaired if need be. */
function refusal(observed: Observed, name: string): Plan | undefined {
  const { policy, deployment } = observed;
  if (policy === undefined) {
    const message = `ClusterAuditPolicy "${name}" does not exist in namespace "${deployment.namespace}".`;
    return hold(observed, 'PolicyNotFound', message, 'ClusterAuditPolicyError');
  }
  if (policy.content.accepted) return undefined;
  const errors = policy.content.problems.filter(({ severity }) => severity === 'error');
  const message = `ClusterAuditPolicy "${name}" is refused: ${firstFew(errors.map(problemText))}`;
  return hold(observed, 'PolicyRefused', message, 'ClusterAuditPolicyError');
}

function withoutHelmRelease(observed: Observed, wanted: AcceptedPolicy): Plan {
  const { deployment, policy } = observed;
  const message = `HelmRelease "${deployment.name}" does not exist yet; policy "${policy?.name ?? ''}" (hash ${wanted.hash}) is delivered when it does.`;
  return hold(observed, 'HelmReleaseNotFound', message);
}

function deliverUnlessHindered(
  observed: Observed,
  settings: PlanSettings,
  wanted: AcceptedPolicy,
  helmRelease: HelmRelease,
): Plan {
  const target = targetVersion(observed.deployment, helmRelease, settings.assumedVersion);
  const obstacle = obstacleTo({ observed, settings, wanted, helmRelease, target });
  if (obstacle === undefined) return deliver(observed, wanted, helmRelease, target);
  const { reason, message, event, requeueAfterMs } = obstacle;
  const held = hold(observed, reason, message, event);
  const isForLater = reason === 'ChangeHeld' || reason === 'ChangeQueued';
  const putBack = isForLater ? putBackDelivered(observed, helmRelease) : [];
  const plan = putBack.length === 0 ? held : { ...held, actions: putBack };
  return requeueAfterMs === undefined ? plan : { ...plan, requeueAfterMs };
}

/** Nothing new is written; what is in place is kept right, and the condition says what is the matter. */
function hold(observed: Observed, reason: Reason, message: string, event?: EventReason): Plan {
  const { actions, events, loss } = repairInPlace(observed);
  const plan = report(observed, reason, loss ? `${message} ${loss}` : message, event);
  return { ...plan, actions, events: [...events, ...plan.events] };
}

/** Nothing at all is written but the condition. */
function report(observed: Observed, reason: Reason, message: string, event?: EventReason): Plan {
  const hash = policyRefInPlace(observed)?.hash;
  const whole = hash === undefined ? message : `${message} What is in place stays: hash ${hash}.`;
  const condition = say(observed, 'False', reason, whole);
  return { actions: [], condition, events: event ? eventIfNews(observed, condition, event) : [] };
}
