import { at, isObject, listAt, stringAt } from '../../api/json.ts';

/** A field manager that owns something under `spec.values.audit.policyRef`. */
export interface PolicyRefOwner {
  manager: string;
  /** Epoch milliseconds of its last write. */
  timeMs: number;
}

/** The owners of keys under `spec.values.audit.policyRef`, in the order of managedFields. */
export function readPolicyRefOwners(raw: unknown): PolicyRefOwner[] {
  const owners: PolicyRefOwner[] = [];
  for (const entry of listAt(raw, 'metadata', 'managedFields')) {
    if (stringAt(entry, 'subresource')) continue;
    const owned = at(entry, 'fieldsV1', 'f:spec', 'f:values', 'f:audit', 'f:policyRef');
    if (!isObject(owned)) continue;
    const time = Date.parse(stringAt(entry, 'time') ?? '');
    owners.push({ manager: stringAt(entry, 'manager') ?? '', timeMs: Number.isNaN(time) ? 0 : time });
  }
  return owners;
}
