import { ANONYMOUS, UNAUTHENTICATED, type RequestPattern } from '../../requests/pattern.ts';
import { witnessOf } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { RESOURCE_VERBS } from '../sensitive.ts';

const ANY_RESOURCE: RequestPattern = {
  users: [ANONYMOUS],
  isIdentified: true,
  verbs: RESOURCE_VERBS,
  resources: [{ group: '*' }],
};
const HEALTH = /^\/(?:healthz|livez|readyz|version|\.well-known)(?:$|[/*])/;

export const rule: LintRule = {
  id: 'AP030',
  severity: 'warning',
  profiles: COMPLETE,
  patterns: [ANY_RESOURCE],
  docs: {
    title: 'anonymous requests that are not recorded',
    why: 'A rule with level None for `system:anonymous` or `system:unauthenticated` hides those who try the door. PCI DSS 10.2.1.4 asks for invalid access attempts. Health checks are the exception.',
    fix: 'Limit the rule to `/healthz`, `/livez`, `/readyz` and `/version`.',
    bad: `rules:
- level: None
  userGroups: [system:unauthenticated]
- level: Metadata`,
    good: `rules:
- level: None
  userGroups: [system:unauthenticated]
  nonResourceURLs: [/healthz, /readyz, /livez]
- level: Metadata`,
  },
  check: (context) =>
    context.rules.flatMap((one, index) => {
      const { level, users = [], userGroups = [], nonResourceURLs = [] } = one;
      const isForAnonymous = users.includes(ANONYMOUS) || userGroups.includes(UNAUTHENTICATED);
      if (level !== 'None' || !isForAnonymous) return [];
      const url = nonResourceURLs.findIndex((spec) => !HEALTH.test(spec));
      const urls = {
        users: [ANONYMOUS],
        isIdentified: true,
        nonResourceURLs: nonResourceURLs.slice(url, url + 1),
      };
      const witness =
        witnessOf(context, index, ANY_RESOURCE) ?? (url < 0 ? undefined : witnessOf(context, index, urls));
      if (witness === undefined) return [];
      return [
        {
          at: url < 0 ? ['rules', index] : ['rules', index, 'nonResourceURLs', url],
          message: `rules[${index}] drops anonymous requests that are no health checks`,
          hint: 'limit it to /healthz, /livez, /readyz and /version',
          witness,
        },
      ];
    }),
};
