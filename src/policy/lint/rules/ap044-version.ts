import { compareVersions, formatVersion } from '../../kubernetes-version.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

const MANAGED_FIELDS_SINCE = { major: 1, minor: 23 };

export const rule: LintRule = {
  id: 'AP044',
  severity: 'info',
  profiles: EVERY,
  docs: {
    title: 'a field that this Kubernetes does not know',
    why: '`omitManagedFields` exists since Kubernetes 1.23. An older kube-apiserver drops it, with a line in its log, and records the managed fields.',
    fix: 'Expect larger bodies there, or remove the field. Say which version the policy is for with `--kubernetes-version`.',
    bad: `omitManagedFields: true
rules:
- level: Request`,
    good: `rules:
- level: Metadata`,
    version: { major: 1, minor: 22 },
  },
  check: ({ policy, rules, version }) => {
    if (compareVersions(version, MANAGED_FIELDS_SINCE) >= 0) return [];
    const find = (at: (string | number)[]) => ({
      at,
      part: 'key' as const,
      message: `Kubernetes ${formatVersion(version)} does not know omitManagedFields, and drops it`,
      hint: 'expect managed fields in the bodies there, or remove the field',
    });
    return [
      ...(policy.omitManagedFields === undefined ? [] : [find(['omitManagedFields'])]),
      ...rules.flatMap(({ omitManagedFields }, index) =>
        omitManagedFields === undefined ? [] : [find(['rules', index, 'omitManagedFields'])],
      ),
    ];
  },
};
