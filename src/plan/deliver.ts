import { configMapName } from '../api/names.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import { quorumWarning } from './control-plane-size.ts';
import { hasRightMetadata, holdsExactly, ownership, policyRefInPlace, wantedOwner } from './in-place.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { ownersInTheWay } from './policy-ref-owners.ts';
import { say } from './report.ts';
import { countRevert } from './reverts.ts';
import type { Action, Observed, Plan, PlannedEvent } from './types.ts';
import { versionSentence, type TargetVersion } from './version.ts';

/**
 * Puts the wanted policy in place and says so. Content is kept as a revision before it is first used in the
 * namespace; then the ConfigMap, then the values, back to back. What is right already is not written.
 */
export function deliver(
  observed: Observed,
  wanted: AcceptedPolicy,
  helmRelease: HelmRelease,
  target: TargetVersion,
): Plan {
  const valuesRight = policyRefInPlace(observed)?.hash === wanted.hash;
  const configMapActions = configMapWrites(observed, wanted, helmRelease);
  const keep: Action[] = observed.keptRevisions.includes(wanted.sha256)
    ? []
    : [{ type: 'KeepRevision', sha256: wanted.sha256, yaml: wanted.yaml }];
  const values: Action[] = valuesRight
    ? []
    : [
        {
          type: 'SetPolicyRef',
          helmRelease,
          hash: wanted.hash,
          overLeftBehind: ownersInTheWay(helmRelease, wanted.hash).length > 0,
        },
      ];
  return {
    actions: [...keep, ...configMapActions, ...values],
    condition: say(observed, 'True', 'Succeeded', successMessage(observed, wanted, target, valuesRight)),
    events: deliveryEvents(observed, wanted, valuesRight),
  };
}

/** The writes that make the ConfigMap right; the caller has made sure that it is not foreign. */
function configMapWrites(observed: Observed, wanted: AcceptedPolicy, helmRelease: HelmRelease): Action[] {
  const { configMap, policy } = observed;
  const owner = wantedOwner(observed, helmRelease);
  const content = { sha256: wanted.sha256, yaml: wanted.yaml };
  const { uid, generation } = helmRelease;
  const valuesFollow = policyRefInPlace(observed)?.hash !== wanted.hash;
  const all = {
    content,
    owner,
    ...(policy === undefined ? {} : { policy: policy.name }),
    ...(valuesFollow ? { before: { uid, generation } } : {}),
  };
  if (configMap === undefined) return [{ type: 'CreateConfigMap', ...all }];
  const isSameContent = holdsExactly(configMap, wanted.sha256);
  const reverted = countRevert(observed, wanted, helmRelease);
  const right = isSameContent && hasRightMetadata(configMap, wanted.sha256, owner, observed);
  if (right && reverted === undefined) return [];
  // A rival may put other bytes there before it writes the values: the count is of the content that was delivered.
  const reverts = reverted ?? (configMap.annotatedSha256 === wanted.sha256 ? configMap.reverts : undefined);
  const counted = { ...all, ...(reverts ? { reverts } : {}) };
  if (configMap.immutable && !isSameContent) {
    return [
      { type: 'DeleteConfigMap', configMap, toMakeRoom: true },
      { type: 'CreateConfigMap', ...counted },
    ];
  }
  return [{ type: 'PatchConfigMap', configMap, ...counted }];
}

function deliveryEvents(observed: Observed, wanted: AcceptedPolicy, valuesRight: boolean): PlannedEvent[] {
  const { configMap, deployment, policy } = observed;
  const name = configMapName(deployment.name);
  const what = `policy "${policy?.name ?? ''}", hash ${wanted.hash}`;
  if (!valuesRight) {
    const before = policyRefInPlace(observed)?.hash;
    const change = before === undefined ? what : `${what} in place of ${before}`;
    const message = `Delivered by ConfigMap "${name}" and the values of HelmRelease "${deployment.name}": ${change}.`;
    const warning = quorumWarning(observed);
    if (warning) return [{ reason: 'SingleControlPlane', message: `${message} ${warning}` }];
    return [
      {
        reason: before === undefined ? 'AuditPolicyConfigMapCreated' : 'AuditPolicyConfigMapUpdated',
        message,
      },
    ];
  }
  if (configMap !== undefined && ownership(configMap, observed) === 'adoptable') {
    const message = `ConfigMap "${name}" taken over as it is (${what}); the values stay, nothing rolls.`;
    return [{ reason: 'AuditPolicyConfigMapUpdated', message }];
  }
  if (configMap !== undefined && holdsExactly(configMap, wanted.sha256)) return [];
  const found = configMap === undefined ? 'was gone' : 'was changed by another';
  return [
    { reason: 'AuditPolicyConfigMapRepaired', message: `ConfigMap "${name}" ${found}; restored (${what}).` },
  ];
}

function successMessage(
  observed: Observed,
  wanted: AcceptedPolicy,
  target: TargetVersion,
  valuesRight: boolean,
): string {
  const { deployment, policy, helmRelease } = observed;
  const sentences = [
    `Policy "${policy?.name ?? ''}" (hash ${wanted.hash}) is in ConfigMap "${configMapName(deployment.name)}" and in the values of HelmRelease "${deployment.name}".`,
  ];
  if (helmRelease?.suspended)
    sentences.push('The HelmRelease is suspended, so Flux does not roll changes out.');
  // What failed before the values are written was the content before.
  if (valuesRight && helmRelease?.failure)
    sentences.push(`Flux failed to roll it out: ${helmRelease.failure}.`);
  sentences.push(versionSentence(lasting(target)));
  const warning = quorumWarning(observed);
  if (warning) sentences.push(warning);
  return sentences.join(' ');
}

/**
 * What of a target is told by lasting facts. While Flux rolls out, the policy is held to an older version as well; saying so
 * would change the condition twice for every roll-out, for nothing: what suits the older suits the one that is told.
 */
function lasting(target: TargetVersion): TargetVersion {
  return target.told === undefined ? target : { ...target, version: target.told, assumed: false };
}
