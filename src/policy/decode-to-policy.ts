import type { AuditPolicy, GroupResources, PolicyRule } from './types.ts';

/**
 * The policy in what was decoded by a schema, of either the v1 or the internal type. It leaves out what is empty and carries no
 * meaning: lists other than `rules`, the core group, and the policy's `omitManagedFields: false`.
 */
export function toAuditPolicy(decoded: unknown): AuditPolicy {
  const { list, flag, strings } = reader(decoded);
  const rules = list('rules');
  return {
    ...(rules && { rules: rules.map(toRule) }),
    ...strings('omitStages'),
    ...(flag('omitManagedFields') === true && { omitManagedFields: true }),
  };
}

function toRule(decoded: unknown): PolicyRule {
  const { list, flag, text, strings } = reader(decoded);
  const resources = list('resources') ?? [];
  const omitManagedFields = flag('omitManagedFields');
  return {
    level: text('level'),
    ...strings('users'),
    ...strings('userGroups'),
    ...strings('verbs'),
    ...(resources.length > 0 && { resources: resources.map(toGroup) }),
    ...strings('namespaces'),
    ...strings('nonResourceURLs'),
    ...strings('omitStages'),
    ...(omitManagedFields !== undefined && { omitManagedFields }),
  };
}

function toGroup(decoded: unknown): GroupResources {
  const { text, strings } = reader(decoded);
  const group = text('group');
  return { ...(group !== '' && { group }), ...strings('resources'), ...strings('resourceNames') };
}

/** Reads fields by their v1 names; the internal type's names differ in the first letter only. */
function reader(decoded: unknown) {
  const fields = new Map(
    typeof decoded === 'object' && decoded !== null
      ? Object.entries(decoded).map(([key, value]: [string, unknown]) => [
          key.charAt(0).toLowerCase() + key.slice(1),
          value,
        ])
      : [],
  );
  const list = (key: string): unknown[] | undefined => {
    const value: unknown = fields.get(key);
    return Array.isArray(value) ? value : undefined;
  };
  return {
    list,
    flag: (key: string): boolean | undefined => {
      const value: unknown = fields.get(key);
      return typeof value === 'boolean' ? value : undefined;
    },
    text: (key: string): string => {
      const value: unknown = fields.get(key);
      return typeof value === 'string' ? value : '';
    },
    strings: <Key extends string>(key: Key): Partial<Record<Key, string[]>> => {
      const items = (list(key) ?? []).filter((item) => typeof item === 'string');
      const named: Partial<Record<Key, string[]>> = {};
      if (items.length > 0) named[key] = items;
      return named;
    },
  };
}
