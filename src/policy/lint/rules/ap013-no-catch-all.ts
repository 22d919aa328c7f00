import { witnessOf } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

/** Tells more than a request that failed to authenticate. */
const IDENTIFIED = { isIdentified: true };

export const rule: LintRule = {
  id: 'AP013',
  severity: 'warning',
  profiles: COMPLETE,
  patterns: [IDENTIFIED],
  docs: {
    title: 'requests that no rule matches',
    why: 'They get level None without anybody having said so: new APIs, new verbs, and every failed authentication (401), which has no user and so matches only a rule that asks for none.',
    fix: 'End the policy with `- level: Metadata`, or with `- level: None` where that is meant.',
    bad: `rules:
- level: Metadata
  userGroups: [system:authenticated]`,
    good: `rules:
- level: Request
  userGroups: [cluster-admins]
- level: Metadata`,
  },
  check: (context) => {
    const witness = witnessOf(context, -1, IDENTIFIED) ?? witnessOf(context, -1, {});
    if (witness === undefined) return [];
    return [
      {
        at: ['rules'],
        message: 'some requests match no rule, so they are not recorded',
        hint: 'end with "- level: Metadata", or "- level: None" where that is meant',
        witness,
      },
    ];
  },
};
