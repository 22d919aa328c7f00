import { configMapName } from '../../api/names.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { WriteFailure } from '../../plan/failure.ts';
import type { Action } from '../../plan/types.ts';
import { DamagedRevision, ValuesNotKept } from './apply.ts';

/**
 * What of a failed write is a user's to know; undefined for what passes by itself or is retried at once (an outdated
 * resourceVersion, an overloaded server).
 */
export function explainFailure(error: unknown, action: Action, deployment: string): WriteFailure | undefined {
  const target = targetOf(action, deployment);
  const failed = (kind: WriteFailure['kind'], message: string): WriteFailure => ({
    kind,
    ...target,
    message,
    fields: [],
    owners: [],
  });
  if (error instanceof DamagedRevision || error instanceof ValuesNotKept)
    return failed('WriteRefused', error.message);
  if (!isKubeError(error)) return undefined;
  const { code, message, conflicts } = error;
  if (conflicts.length > 0) {
    return {
      ...failed('FieldConflict', message),
      fields: [...new Set(conflicts.map(({ field }) => field))],
      owners: [...new Set(conflicts.map(({ manager }) => manager))],
    };
  }
  // A failed `test` of a JSON patch is also "Invalid", but only means that the object has moved on.
  if (action.type === 'RemovePolicyRef' && code === 'Invalid') return undefined;
  if (code === 'Forbidden') return failed('Forbidden', message);
  const isRefused = code === 'Invalid' || code === 'BadRequest' || code === 'TooLarge';
  return isRefused ? failed('WriteRefused', message) : undefined;
}

function targetOf(action: Action, deployment: string): Pick<WriteFailure, 'target' | 'name'> {
  switch (action.type) {
    case 'KeepRevision':
      return { target: 'revision', name: 'The ControllerRevision that keeps the policy' };
    case 'SetPolicyRef':
    case 'ReleasePolicyRef':
    case 'RemovePolicyRef':
      return { target: 'values', name: `HelmRelease "${deployment}"` };
    default:
      return { target: 'config-map', name: `ConfigMap "${configMapName(deployment)}"` };
  }
}
