import { eventIfNews, say } from './report.ts';
import type { Observed, Plan } from './types.ts';

/** A write that the API server refused for a reason that a user must know. */
export interface WriteFailure {
  kind: 'FieldConflict' | 'Forbidden' | 'WriteRefused';
  /** What was to be written, in words: `HelmRelease "x"`. */
  target: string;
  /** The server's words. */
  message: string;
  /** For a field conflict: who owns the field. */
  owners: readonly string[];
}

/** How long to wait before a refused write is tried again when nothing changes. */
export const REFUSED_RETRY_MS = 5 * 60_000;

/** What to say of a refused write; what was written before it stays, and the write is tried again slowly. */
export function planFailure(observed: Observed, failure: WriteFailure): Plan {
  const condition = say(observed, 'False', failure.kind, describe(failure));
  return {
    actions: [],
    condition,
    events: eventIfNews(observed, condition, 'AuditPolicyConfigMapError'),
    requeueAfterMs: REFUSED_RETRY_MS,
  };
}

function describe({ kind, target, message, owners }: WriteFailure): string {
  switch (kind) {
    case 'FieldConflict': {
      const who = owners.length > 0 ? owners.map((owner) => `"${owner}"`).join(', ') : 'another manager';
      return `${target}: spec.values.audit.policyRef is owned by ${who}, and is left as it is. Take the key out of what ${who} applies.`;
    }
    case 'Forbidden':
      return `${target} could not be written: ${message}`;
    case 'WriteRefused':
      return `${target} was refused by the API server: ${message}`;
  }
}
