import type { EventReason } from '../api/events.ts';
import { MAX_NAME_LENGTH, configMapName, isObjectName } from '../api/names.ts';
import type { Reason } from '../api/reasons.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { problemText } from '../policy/problem.ts';
import { formatVersion } from '../policy/kubernetes-version.ts';
import { planClear } from './clear.ts';
import { quorumWarning } from './control-plane-size.ts';
import { deliver, versionSentence } from './deliver.ts';
import { acceptedPolicy, isDelivered, ownership, policyRefInPlace } from './in-place.ts';
import { areLeftBehind, nameOwners, ownersInTheWay } from './policy-ref-owners.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { remoteTarget } from './remote-target.ts';
import { repairInPlace } from './repair.ts';
import { eventIfNews, firstFew, say } from './report.ts';
import { MOST_REWRITES, countRevert } from './reverts.ts';
import type { Observed, Plan, PlanSettings } from './types.ts';
import { underWay } from './under-way.ts';
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
  return fitAndDeliver(observed, settings, wanted, helmRelease);
}

/** KCM >= 1.10 writes by itself, and puts its own back: the operator writes nothing there, not even a repair. */
function isObserver({ kcmPresent, helmRelease }: Observed): boolean {
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
    return `spec.auditPolicy is ${JSON.stringify(name.slice(0, 80))}: it must be the plain name of a ClusterAuditPolicy in the same namespace.`;
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

function fitAndDeliver(
  observed: Observed,
  settings: PlanSettings,
  wanted: AcceptedPolicy,
  helmRelease: HelmRelease,
): Plan {
  const { deployment, policy, configMap } = observed;
  const name = policy?.name ?? '';
  const valuesRight = policyRefInPlace(observed)?.hash === wanted.hash;

  const target = targetVersion(deployment, helmRelease, settings.assumedVersion);
  const refusals = wanted.problemsFor(target.version).map(problemText);
  // What is in place already is judged again only once the version is certain.
  if (refusals.length > 0 && !(valuesRight && target.assumed)) {
    const message = `ClusterAuditPolicy "${name}" does not suit this cluster: kube-apiserver ${formatVersion(target.version)} would refuse it: ${firstFew(refusals)} ${versionSentence(target)}`;
    return hold(observed, 'PolicyUnfit', message, 'ClusterAuditPolicyError');
  }
  if (configMap !== undefined && ownership(configMap, observed) === 'foreign') {
    const message = `ConfigMap "${configMap.name}" exists and is not the operator's, so it is left as it is. Remove it or rename it; see docs/takeover.md if it holds the policy in place.`;
    return lookAgain(settings, hold(observed, 'NameConflict', message, 'AuditPolicyConfigMapError'));
  }
  const twin = observed.keptRevisions.find((kept) => kept.startsWith(wanted.hash) && kept !== wanted.sha256);
  if (twin !== undefined) {
    const message = `Policy "${name}" (sha256 ${wanted.sha256}) has the short hash ${wanted.hash} of another one kept in this namespace (sha256 ${twin}); change it in any way that changes its bytes.`;
    return lookAgain(settings, hold(observed, 'HashCollision', message, 'ClusterAuditPolicyError'));
  }
  if (!valuesRight) {
    const inTheWay = ownersInTheWay(helmRelease, wanted.hash);
    if (inTheWay.length > 0 && !areLeftBehind(observed, inTheWay)) {
      const who = nameOwners(inTheWay);
      const message = `HelmRelease "${helmRelease.name}": spec.values.audit.policyRef is owned by ${who}, and is left as it is. Take the key out of what ${who} applies.`;
      return hold(observed, 'FieldConflict', message, 'AuditPolicyConfigMapError');
    }
    const reverted = countRevert(observed, wanted, helmRelease);
    if (reverted !== undefined && reverted.count > MOST_REWRITES) {
      const known = helmRelease.valuesWriter;
      const who = `Another writer${known === undefined ? '' : ` (of spec.values the last one known is "${known}")`}`;
      const message = `${who} has taken spec.values.audit.policyRef out of HelmRelease "${helmRelease.name}" ${reverted.count} times, and every turn rolls the control plane, so the operator has stopped. Make that writer keep the key, then change the policy, or remove annotation auditpolicy.dev/reverted from ConfigMap "${configMapName(deployment.name)}".`;
      return hold(observed, 'Reverted', message, 'AuditPolicyConfigMapError');
    }
    const change = `The change to policy "${name}" (hash ${wanted.hash}) waits`;
    const warning = quorumWarning(observed);
    const wait = (reason: Reason, until: string) =>
      hold(observed, reason, [`${change}${until}`, ...(warning ? [warning] : [])].join(' '));
    if (helmRelease.suspended) {
      return wait('HelmReleaseSuspended', `: HelmRelease "${helmRelease.name}" is suspended.`);
    }
    const busy = underWay(observed, settings);
    if (busy) {
      const until = ` until Flux has finished ${busy.what} on HelmRelease "${helmRelease.name}".`;
      return { ...wait('RollInProgress', until), requeueAfterMs: busy.deadlineMs - observed.now };
    }
  }
  return deliver(observed, wanted, helmRelease, target);
}

/** For causes that no watch reports: look again after a while. */
function lookAgain({ lookAgainMs }: PlanSettings, plan: Plan): Plan {
  return { ...plan, requeueAfterMs: lookAgainMs };
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
