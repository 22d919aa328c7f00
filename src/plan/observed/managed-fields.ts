import { at, isObject, listAt, stringAt } from '../../api/json.ts';
import { FIELD_MANAGER } from '../../api/names.ts';

/** A field manager that owns something under `spec.values.audit.policyRef`. */
export interface PolicyRefOwner {
  manager: string;
  /** By server-side apply: it states what it wants, and will state it again. An update happened once. */
  applies: boolean;
  /** The keys it owns; all of them when it owns the whole map. */
  keys: readonly string[];
  /** Epoch milliseconds of its last write. */
  timeMs: number;
}

const ALL_KEYS = ['name', 'key', 'hash'];

/** The owners of keys under `spec.values.audit.policyRef`, in the order of managedFields. */
export function readPolicyRefOwners(raw: unknown): PolicyRefOwner[] {
  const owners: PolicyRefOwner[] = [];
  for (const entry of listAt(raw, 'metadata', 'managedFields')) {
    if (stringAt(entry, 'subresource')) continue;
    const owned = at(entry, 'fieldsV1', 'f:spec', 'f:values', 'f:audit', 'f:policyRef');
    if (!isObject(owned)) continue;
    const keys = Object.keys(owned).flatMap((key) => (key.startsWith('f:') ? [key.slice(2)] : []));
    const time = Date.parse(stringAt(entry, 'time') ?? '');
    owners.push({
      manager: stringAt(entry, 'manager') ?? '',
      applies: stringAt(entry, 'operation') === 'Apply',
      keys: keys.length > 0 ? keys : ALL_KEYS,
      timeMs: Number.isNaN(time) ? 0 : time,
    });
  }
  return owners;
}

/** The other manager that last wrote below `spec.values`; undefined when none is known. */
export function readValuesWriter(raw: unknown): string | undefined {
  return listAt(raw, 'metadata', 'managedFields')
    .filter(
      (entry) => isObject(at(entry, 'fieldsV1', 'f:spec', 'f:values')) && !stringAt(entry, 'subresource'),
    )
    .map((entry) => ({ manager: stringAt(entry, 'manager') ?? '', time: stringAt(entry, 'time') ?? '' }))
    .filter(({ manager }) => manager !== FIELD_MANAGER)
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]?.manager;
}
