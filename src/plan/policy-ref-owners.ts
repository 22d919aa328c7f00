import { FIELD_MANAGER, POLICY_KEY, configMapName } from '../api/names.ts';
import { ownership, policyRefInPlace } from './in-place.ts';
import type { HelmRelease } from './observed/helm-release.ts';
import type { PolicyRefOwner } from './observed/managed-fields.ts';
import type { Observed } from './types.ts';

/** The other managers that own keys of the reference. */
export function otherOwners({ policyRefOwners }: HelmRelease): PolicyRefOwner[] {
  return policyRefOwners.filter(({ manager }) => manager !== FIELD_MANAGER);
}

/**
 * The managers whose keys would have to change for the values to name this hash: an unforced apply would be refused
 * because of them.
 */
export function ownersInTheWay(helmRelease: HelmRelease, hash: string): PolicyRefOwner[] {
  const { policyRef, name } = helmRelease;
  const wanted = { name: configMapName(name), key: POLICY_KEY, hash };
  if (policyRef === undefined) return [];
  const changing = (['name', 'key', 'hash'] as const).filter((key) => policyRef[key] !== wanted[key]);
  return otherOwners(helmRelease).filter(({ keys }) => changing.some((key) => keys.includes(key)));
}

/**
 * Whether keys of other managers are only what KCM left behind: written once, not applied by anybody who would apply them
 * again, and naming our ConfigMap with the hash of what it holds, or held until it was made ready for the values that are to follow.
 */
export function areLeftBehind(observed: Observed, owners: readonly PolicyRefOwner[]): boolean {
  const { configMap, helmRelease } = observed;
  const ref = policyRefInPlace(observed);
  if (ref === undefined || configMap === undefined || helmRelease === undefined) return false;
  const { before } = configMap;
  const valuesFollow = before?.uid === helmRelease.uid && before.generation === helmRelease.generation;
  return (
    owners.every(({ applies }) => !applies) &&
    Object.keys(ref.raw).length === 3 &&
    ownership(configMap, observed) !== 'foreign' &&
    (valuesFollow || configMap.sha256?.startsWith(ref.hash) === true)
  );
}

/** The names of managers, for a message. */
export function nameOwners(owners: readonly PolicyRefOwner[]): string {
  return [...new Set(owners.map(({ manager }) => `"${manager}"`))].join(', ');
}
