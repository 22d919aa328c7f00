import type { AcceptedPolicy } from '../policy/content.ts';
import type { Profile } from '../policy/lint/profiles.ts';
import { lintWarnings } from '../policy/lint/warnings.ts';
import { hasMoreValues } from './size.ts';

/** How policies are linted while they are written. */
export interface AdmissionLint {
  /** What they are held to; see `PROFILES`. */
  profiles: readonly Profile[];
}

/** Beyond either of these lint would hold up everybody else for longer than judging the policy does. */
export const MOST_LINTED_VALUES = 5_000;
export const MOST_LINTED_BYTES = 256 * 1024;

/** What lint warns of in a policy that is taken. What validation has to say is left to whoever judges the policy. */
export function lintForAdmission(accepted: AcceptedPolicy, { profiles }: AdmissionLint): string[] {
  const bytes = Buffer.byteLength(accepted.yaml);
  if (bytes > MOST_LINTED_BYTES || hasMoreValues(accepted.policy, MOST_LINTED_VALUES)) return [TOO_LARGE];
  return lintWarnings({ accepted, problems: [] }, { profiles });
}

const TOO_LARGE = `lint has not looked at this policy here: it has more than ${MOST_LINTED_VALUES} fields and list entries, or ${MOST_LINTED_BYTES} bytes, and a request may not wait so long. kubectl audit-policy lint looks at it.`;
