import type { AuditPolicy, GroupResources, PolicyRule } from './types.ts';

/**
 * One form for all spellings of a policy. What changes nothing that kube-apiserver does is put in order or dropped:
 * empty lists, `group: ""`, the policy's `omitManagedFields: false`, the order and repetition of what upstream's
 * evaluator only asks membership of (users, verbs, stages, names, the entries of `resources` ...). The order of rules stays,
 * and so does a rule's `omitManagedFields: false`, which overrides the policy's.
 *
 * Policies that merely happen to decide the same (a shadowed rule, say) stay different.
 */
export function normalizePolicy(policy: AuditPolicy): AuditPolicy {
  return {
    ...(policy.rules !== undefined && policy.rules.length > 0
      ? { rules: policy.rules.map(normalizeRule) }
      : {}),
    ...strings({ omitStages: policy.omitStages }),
    ...(policy.omitManagedFields === true ? { omitManagedFields: true } : {}),
  };
}

/** One form for all spellings of a rule, see `normalizePolicy`. */
export function normalizeRule(rule: PolicyRule): PolicyRule {
  const {
    level,
    users,
    userGroups,
    verbs,
    resources,
    namespaces,
    nonResourceURLs,
    omitStages,
    omitManagedFields,
  } = rule;
  return {
    level,
    ...strings({ users, userGroups, verbs, namespaces, nonResourceURLs, omitStages }),
    ...(resources !== undefined && resources.length > 0 ? { resources: normalizeResources(resources) } : {}),
    ...(omitManagedFields === undefined ? {} : { omitManagedFields }),
  };
}

function normalizeResources(entries: GroupResources[]): GroupResources[] {
  const bySpelling = new Map<string, GroupResources>();
  for (const { group, resources, resourceNames } of entries) {
    const entry = {
      ...(group === undefined || group === '' ? {} : { group }),
      ...strings({ resources, resourceNames }),
    };
    bySpelling.set(JSON.stringify([entry.group, entry.resources, entry.resourceNames]), entry);
  }
  return [...bySpelling].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function strings<K extends string>(lists: Record<K, string[] | undefined>): Partial<Record<K, string[]>> {
  const sets: Partial<Record<K, string[]>> = {};
  for (const key of Object.keys(lists) as K[]) {
    const list = lists[key];
    if (list !== undefined && list.length > 0) sets[key] = [...new Set(list)].sort();
  }
  return sets;
}
