import { configMapName } from '../api/names.ts';
import { contentOf, holdsExactly, ownership, policyRefInPlace, wantedOwner } from './in-place.ts';
import type { PolicyConfigMap } from './observed/config-map.ts';
import { replacedContent } from './reverts.ts';
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
