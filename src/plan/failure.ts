import { repairInPlace } from './repair.ts';
import { eventIfNews, say } from './report.ts';
import type { Observed, Plan } from './types.ts';

/** A write that the API server refused for a reason that a user must know. */
export interface WriteFailure {
  kind: 'FieldConflict' | 'Forbidden' | 'WriteRefused';
  target: 'revision' | 'config-map' | 'values';
  /** The object that was to be written, in words: `HelmRelease "x"`. */
  name: string;
  /** The server's words. */
  message: string;
  /** For a field conflict: the fields as the server spells them, and who owns them. */
  fields: readonly string[];
  owners: readonly string[];
}

/** How long to wait before a refused write is tried again when nothing changes. */
export const REFUSED_RETRY_MS = 5 * 60_000;

/**
 * What to say of a refused write, and how to keep what is in place right: when the values could not be written, a ConfigMap
 * that was made ready for them goes back to what they name. It is tried again slowly.
 * @param observed as it is after the writes that went through
 */
export function planFailure(observed: Observed, failure: WriteFailure): Plan {
  const condition = say(observed, 'False', failure.kind, describe(failure));
  return {
    actions: failure.target === 'values' ? repairInPlace(observed).actions : [],
    condition,
    events: eventIfNews(observed, condition, 'AuditPolicyConfigMapError'),
    requeueAfterMs: REFUSED_RETRY_MS,
  };
}

function describe({ kind, name, message, fields, owners }: WriteFailure): string {
  switch (kind) {
    case 'FieldConflict': {
      const who = owners.length > 0 ? owners.map((owner) => `"${owner}"`).join(', ') : 'another manager';
      const what = fields.length > 0 ? fields.map((field) => field.replace(/^\./, '')).join(', ') : 'a field';
      return `${name}: ${what} is owned by ${who}, and is left as it is. Take it out of what ${who} applies.`;
    }
    case 'Forbidden':
      return `${name} could not be written: ${message}`;
    case 'WriteRefused':
      return `${name} was refused by the API server: ${message}`;
  }
}
