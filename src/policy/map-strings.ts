import type { AuditPolicy, GroupResources, PolicyRule } from './types.ts';

/** Gets a string and where it stands, `rules[0].users[1]`. */
export type StringMapper = (text: string, path: string) => string;

/** The policy with every string replaced, in the order of its fields. What is absent stays absent. */
export function mapStrings(policy: AuditPolicy, map: StringMapper): AuditPolicy {
  return {
    ...policy,
    ...mapLists('', policy, ['omitStages'], map),
    ...(policy.rules === undefined
      ? {}
      : { rules: policy.rules.map((rule, i) => mapRule(rule, `rules[${i}]`, map)) }),
  };
}

function mapRule(rule: PolicyRule, path: string, map: StringMapper): PolicyRule {
  const lists = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs', 'omitStages'] as const;
  return {
    ...rule,
    level: map(rule.level, `${path}.level`),
    ...mapLists(`${path}.`, rule, lists, map),
    ...(rule.resources === undefined
      ? {}
      : { resources: rule.resources.map((entry, i) => mapEntry(entry, `${path}.resources[${i}].`, map)) }),
  };
}

function mapEntry(entry: GroupResources, prefix: string, map: StringMapper): GroupResources {
  return {
    ...(entry.group === undefined ? {} : { group: map(entry.group, `${prefix}group`) }),
    ...mapLists(prefix, entry, ['resources', 'resourceNames'], map),
  };
}

function mapLists<K extends string>(
  prefix: string,
  holder: Partial<Record<K, string[]>>,
  keys: readonly K[],
  map: StringMapper,
): Partial<Record<K, string[]>> {
  const mapped: Partial<Record<K, string[]>> = {};
  for (const key of keys) {
    const list = holder[key];
    if (list !== undefined) mapped[key] = list.map((text, i) => map(text, `${prefix}${key}[${i}]`));
  }
  return mapped;
}
