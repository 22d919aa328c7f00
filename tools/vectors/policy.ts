import type { AuditPolicy, GroupResources, PolicyRule } from '../../src/policy/types.ts';

/**
 * The policy that a vector's JSON stands for, as Go's encoding/json reads it into the v1 type: null is absent, a null
 * in a list is the empty value, half a surrogate pair is U+FFFD. Throws for what is no policy at all: a vector says what the policy is, it is no input to be
 * refused gently.
 */
export function policyFromJson(value: unknown): AuditPolicy {
  return {
    ...optional('rules', list(field(value, 'rules'), ruleFromJson)),
    ...stringLists(value, ['omitStages']),
    ...optional('omitManagedFields', boolean(field(value, 'omitManagedFields'))),
  };
}

function ruleFromJson(value: unknown): PolicyRule {
  return {
    level: string(field(value, 'level')),
    ...stringLists(value, ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages']),
    ...optional('resources', list(field(value, 'resources'), entryFromJson)),
    ...optional('omitManagedFields', boolean(field(value, 'omitManagedFields'))),
  };
}

function entryFromJson(value: unknown): GroupResources {
  const group = field(value, 'group');
  return {
    ...(group === undefined ? {} : { group: string(group) }),
    ...stringLists(value, ['resources', 'resourceNames']),
  };
}

/** What Go's JSON leaves out of a policy: empty lists other than `rules`, an empty group, the policy's own false. */
export function withoutEmpty(policy: AuditPolicy): AuditPolicy {
  const parsed: unknown = JSON.parse(
    JSON.stringify(policy, (key, value: unknown) =>
      (key !== 'rules' && Array.isArray(value) && value.length === 0) || (key === 'group' && value === '')
        ? undefined
        : value,
    ),
  );
  const { omitManagedFields, ...rest } = policyFromJson(parsed);
  return omitManagedFields === true ? { ...rest, omitManagedFields } : rest;
}

function field(value: unknown, key: string): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') throw new TypeError(`expected an object, found ${JSON.stringify(value)}`);
  const found = (value as Partial<Record<string, unknown>>)[key];
  return found ?? undefined;
}

function stringLists<K extends string>(value: unknown, keys: readonly K[]): Partial<Record<K, string[]>> {
  const lists: Partial<Record<K, string[]>> = {};
  for (const key of keys) {
    const found = list(field(value, key), string);
    if (found !== undefined) lists[key] = found;
  }
  return lists;
}

function list<T>(value: unknown, item: (value: unknown) => T): T[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new TypeError(`expected a list, found ${JSON.stringify(value)}`);
  return value.map((entry: unknown) => item(entry));
}

function string(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new TypeError(`expected a string, found ${JSON.stringify(value)}`);
  return value.toWellFormed();
}

function boolean(value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`expected a boolean, found ${JSON.stringify(value)}`);
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  const fields: Partial<Record<K, V>> = {};
  if (value !== undefined) fields[key] = value;
  return fields;
}
