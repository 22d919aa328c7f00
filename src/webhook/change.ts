import { at, numberAt, type JsonObject } from '../api/json.ts';
import type { AdmissionRequest } from './review.ts';

/** Whether an object is on its way out: whatever lets it go must pass. */
export function isGoing(object: JsonObject): boolean {
  return at(object, 'metadata', 'deletionTimestamp') !== undefined;
}

/**
 * Whether the spec is new. The API server has raised the generation by now if it differs, which is told sooner than by
 * comparing megabytes. (KCM's CRD has no status of its own, so more than the spec may count there; that does no harm.)
 */
export function isChange({ operation, object, oldObject }: AdmissionRequest): boolean {
  const generation = numberAt(object, 'metadata', 'generation');
  return (
    operation !== 'UPDATE' ||
    generation === undefined ||
    generation !== numberAt(oldObject, 'metadata', 'generation')
  );
}
