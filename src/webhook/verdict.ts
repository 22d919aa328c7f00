import { messageText } from '../api/visible.ts';

/** What a webhook answers about one object. */
export interface Verdict {
  allowed: boolean;
  /** For a refusal: why, for whoever wrote the object. */
  message?: string;
  /** For a refusal: the HTTP status that the API server passes on, and its reason. */
  code?: number;
  reason?: string;
  /** Shown by kubectl and in the logs of GitOps tools. */
  warnings: readonly string[];
}

/** @param warnings may hold what users wrote: unsafe characters are escaped here */
export function allow(warnings: readonly string[] = []): Verdict {
  return { allowed: true, warnings: warnings.map(messageText) };
}

/** The object is wrong (422). */
export function refuseInvalid(message: string, warnings: readonly string[] = []): Verdict {
  return { ...allow(warnings), allowed: false, message: messageText(message), code: 422, reason: 'Invalid' };
}

/** The object may be right, but this must not be done to it now (403). */
export function refuseForbidden(message: string): Verdict {
  return { ...allow(), allowed: false, message: messageText(message), code: 403, reason: 'Forbidden' };
}

const MOST_NAMES = 10;

/** The first ten of some names, sorted, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
