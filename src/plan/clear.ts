import { configMapName } from '../api/names.ts';
import { quorumWarning } from './control-plane-size.ts';
import { appliesPolicyRef, ownership } from './in-place.ts';
import { areLeftBehind, nameOwners, otherOwners } from './policy-ref-owners.ts';
import type { PolicyConfigMap } from './observed/config-map.ts';
import type { HelmRelease, PolicyRef } from './observed/helm-release.ts';
import { remoteTarget } from './remote-target.ts';
import { repairInPlace } from './repair.ts';
import { say } from './report.ts';
import type { Action, Observed, Plan, PlanSettings } from './types.ts';
import { countedFrom, releasedMs, underWay } from './under-way.ts';
import type { Reason } from '../api/reasons.ts';

const QUIET: Plan = { actions: [], condition: 'remove', events: [] };

/**
 * A deployment that names no policy: the values first, then, once Flux has settled without them and the retention has
 * passed, the ConfigMap. Nothing goes that is not known to be unused.
 */
export function planClear(observed: Observed, settings: PlanSettings): Plan {
  const { helmRelease, configMap, deployment } = observed;
  if (helmRelease === undefined || helmRelease.deleting || deployment.dryRun) return QUIET;
  const ref = helmRelease.policyRef;
  const isOurs = configMap !== undefined && ownership(configMap, observed) === 'ours';
  if (ref?.name === configMapName(deployment.name)) {
    const isKnown =
      isOurs || appliesPolicyRef(helmRelease) || areLeftBehind(observed, otherOwners(helmRelease));
    // Whoever wrote a reference of this form by hand, without ever naming a policy, means it.
    return isKnown ? releaseValues(observed, settings, helmRelease, ref) : QUIET;
  }
  if (!isOurs) return QUIET;
  return retireConfigMap(observed, settings, helmRelease, configMap);
}

function releaseValues(
  observed: Observed,
  settings: PlanSettings,
  helmRelease: HelmRelease,
  ref: PolicyRef,
): Plan {
  const { configMap } = observed;
  const what = `The reference is cleared, but hash ${ref.hash ?? '(none)'} stays in the values of HelmRelease "${helmRelease.name}"`;
  const remote = remoteTarget(observed);
  if (remote) {
    const message = `${what}: ${remote}, which is not supported.`;
    return { actions: [], condition: say(observed, 'False', 'RemoteTargetUnsupported', message), events: [] };
  }
  if (helmRelease.suspended) {
    return wait(
      observed,
      'HelmReleaseSuspended',
      `${what} while it is suspended; resume it and the values follow.`,
    );
  }
  const busy = underWay(observed, settings);
  if (busy) {
    const message = `${what} until Flux has finished ${busy.what}.`;
    return { ...wait(observed, 'RollInProgress', message), requeueAfterMs: busy.deadlineMs - observed.now };
  }
  const others = otherOwners(helmRelease);
  const isOnlyOurs = appliesPolicyRef(helmRelease) && others.length === 0;
  if (!isOnlyOurs && !areLeftBehind(observed, others)) {
    const who = others.length > 0 ? `owned by ${nameOwners(others)}` : "not the operator's";
    const message = `${what}: it is ${who}, and not just what KCM left of what is in place. Remove spec.values.audit.policyRef where it comes from.`;
    const { actions, events } = repairInPlace(observed);
    return { actions, condition: say(observed, 'False', 'FieldConflict', message), events };
  }
  const ours = configMap !== undefined && ownership(configMap, observed) === 'ours';
  const cleared = `Hash ${ref.hash ?? '(none)'} removed from the values of HelmRelease "${helmRelease.name}"; the ConfigMap follows later.`;
  const warning = quorumWarning(observed);
  return {
    // The mark first: with it, the next look knows of the roll-out even if this process ends here.
    actions: [
      ...(ours && releasedMs(configMap, observed.now) === undefined
        ? [{ type: 'MarkReleased' as const, configMap, releasedAt: timestamp(observed.now) }]
        : []),
      isOnlyOurs
        ? { type: 'ReleasePolicyRef', helmRelease }
        : { type: 'RemovePolicyRef', helmRelease, policyRef: ref },
    ],
    condition: 'remove',
    events: [
      warning
        ? { reason: 'SingleControlPlane', message: `${cleared} ${warning}` }
        : { reason: 'AuditPolicyCleared', message: cleared },
    ],
    requeueAfterMs: settings.configMapRetentionMs,
  };
}

function wait(observed: Observed, reason: Reason, text: string): Plan {
  const repair = repairInPlace(observed);
  const warning = quorumWarning(observed);
  const message = warning ? `${text} ${warning}` : text;
  return {
    actions: repair.actions,
    condition: say(observed, 'False', reason, message),
    events: repair.events,
  };
}

function retireConfigMap(
  observed: Observed,
  settings: PlanSettings,
  helmRelease: HelmRelease,
  configMap: PolicyConfigMap,
): Plan {
  if (configMap.deleting) return QUIET;
  const releasedAt = releasedMs(configMap, observed.now);
  if (releasedAt === undefined) {
    const actions: Action[] = [{ type: 'MarkReleased', configMap, releasedAt: timestamp(observed.now) }];
    return { ...QUIET, actions, requeueAfterMs: settings.configMapRetentionMs };
  }
  const due = countedFrom(releasedAt, observed) + settings.configMapRetentionMs;
  if (observed.now < due) return { ...QUIET, requeueAfterMs: due - observed.now };
  // Whatever ran the values that named it must be known to be gone; an event of the HelmRelease brings us back.
  if (!helmRelease.settled) return QUIET;
  return {
    actions: [{ type: 'DeleteConfigMap', configMap }],
    condition: 'remove',
    events: [
      {
        reason: 'AuditPolicyConfigMapDeleted',
        message: `ConfigMap "${configMap.name}" deleted: the HelmRelease has settled without it and its retention has passed.`,
      },
    ],
  };
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
