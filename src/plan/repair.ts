import { configMapName } from '../api/names.ts';
import { contentOf, holdsExactly, ownership, policyRefInPlace, wantedOwner } from './in-place.ts';
import type { PolicyConfigMap } from './observed/config-map.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import { MOST_REWRITES, replacedContent, takenOut } from './reverts.ts';
import type { Action, ConfigMapWrite, Observed, PlannedEvent } from './types.ts';

/** How to put back what the values name, whatever is wanted now. */
export interface Repair {
  actions: Action[];
  events: PlannedEvent[];
  /** What cannot be put back, in words. */
  loss?: string;
}

const NOTHING: Repair = { actions: [], events: [] };

/**
 * Restores the digest *in place*, never the wanted one: a change may be held back, or the policy be refused or gone,
 * but a control-plane node that starts now must read what the others run.
 */
export function repairInPlace(observed: Observed): Repair {
  const { helmRelease, configMap } = observed;
  const hash = policyRefInPlace(observed)?.hash;
  if (helmRelease === undefined || hash === undefined) return NOTHING;
  if (configMap !== undefined && ownership(configMap, observed) !== 'ours') return NOTHING;
  const content = contentOf(hash, observed);
  const intact =
    configMap?.labelled === true &&
    (content === undefined
      ? configMap.sha256?.startsWith(hash) === true
      : holdsExactly(configMap, content.sha256));
  if (intact) return NOTHING;
  const name = configMapName(observed.deployment.name);
  const found = configMap === undefined ? 'is gone' : 'was changed by another';
  if (content === undefined) {
    return {
      ...NOTHING,
      loss: `ConfigMap "${name}" ${found}, and no copy of hash ${hash} is kept to restore it.`,
    };
  }
  const delivered = replacedContent(observed, helmRelease);
  return {
    actions: restore(configMap, {
      content,
      owner: wantedOwner(observed, helmRelease),
      ...(delivered === undefined ? {} : { delivered }),
    }),
    events: [
      {
        reason: 'AuditPolicyConfigMapRepaired',
        message: `ConfigMap "${name}" ${found}; hash ${hash}, which the HelmRelease values name, was restored.`,
      },
    ],
  };
}

/**
 * Puts back what another writer has taken out of the values, while an edit of the policy may not go there yet: the cluster is
 * not to be without a policy for that. Bounded as any turn against another writer is.
 */
export function putBackDelivered(observed: Observed, helmRelease: HelmRelease): Action[] {
  const { configMap } = observed;
  const found = takenOut(observed, helmRelease);
  if (configMap === undefined || found === undefined || found.reverts.count > MOST_REWRITES) return [];
  const hash = found.sha256.slice(0, 8);
  const content = contentOf(hash, observed);
  if (content?.sha256 !== found.sha256) return [];
  const { uid, generation } = helmRelease;
  const { policy } = configMap;
  const write: ConfigMapWrite = {
    content,
    owner: wantedOwner(observed, helmRelease),
    ...(policy === undefined ? {} : { policy }),
    before: { uid, generation },
    reverts: found.reverts,
  };
  return [
    { type: 'PatchConfigMap', configMap, ...write },
    { type: 'SetPolicyRef', helmRelease, hash, overLeftBehind: false },
  ];
}

function restore(configMap: PolicyConfigMap | undefined, write: ConfigMapWrite): Action[] {
  if (configMap === undefined) return [{ type: 'CreateConfigMap', ...write }];
  const { reverts } = configMap;
  const wanted = { ...write, ...(reverts ? { reverts } : {}) };
  if (configMap.immutable && configMap.sha256 !== wanted.content.sha256) {
    return [
      { type: 'DeleteConfigMap', configMap, toMakeRoom: true },
      { type: 'CreateConfigMap', ...wanted },
    ];
  }
  return [{ type: 'PatchConfigMap', configMap, ...wanted }];
}
