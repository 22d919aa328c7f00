import type { MaterialFacts, Validity } from './material.ts';

/**
 * What to do about a material:
 * - `all`: make everything anew, for what is there is of no use;
 * - `authority`: a new authority beside the old one, which goes on being trusted;
 * - `certificate`: a new certificate, signed by the newest authority;
 * - `forget`: the older authorities: nothing that they signed is in use.
 */
export type Step = 'all' | 'authority' | 'certificate' | 'forget';

/** So much later every replica, and every API server, has taken over what is new. */
export const SETTLED_MS = 60 * 60_000;
const RENEWED_WHEN_LEFT = 1 / 3;

/**
 * The next step of the rotation; undefined when everything is as it should be. No certificate is served before all API servers trust
 * its authority, and no authority is dropped before all replicas serve another's.
 * @param facts undefined when there is no usable material
 * @param now epoch milliseconds
 * @param isTrusted the newest authority stands in the webhook configuration, if there is one
 */
export function nextStep(
  facts: MaterialFacts | undefined,
  now: number,
  isTrusted: boolean,
): Step | undefined {
  if (facts === undefined) return 'all';
  const { serving } = facts;
  const [newest, ...older] = facts.authorities;
  if (isOver(newest, now)) return 'all';
  if (isDue(newest, now)) return 'authority';
  const isSettled = isTrusted && now - newest.notBefore >= SETTLED_MS;
  const isFirst = older.length === 0;
  const wantsRenewal = isDue(serving, now) || !serving.isByNewest;
  if (wantsRenewal && (isSettled || isFirst || isOver(serving, now))) return 'certificate';
  const isUnused = serving.isByNewest && now - serving.notBefore >= SETTLED_MS;
  return !isFirst && isUnused ? 'forget' : undefined;
}

function isOver({ notAfter }: Validity, now: number): boolean {
  return now >= notAfter;
}

/** Also when it is not valid yet: the clock that it was made by was wrong. */
function isDue({ notBefore, notAfter }: Validity, now: number): boolean {
  return now < notBefore || notAfter - now <= (notAfter - notBefore) * RENEWED_WHEN_LEFT;
}
