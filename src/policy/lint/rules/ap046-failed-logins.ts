import type { RequestAttributes } from '../../evaluate.ts';
import { ANONYMOUS, UNAUTHENTICATED } from '../../requests/pattern.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

/** A request whose token was refused. */
const REFUSED: RequestAttributes = {
  user: null,
  groups: [],
  verb: 'get',
  namespace: 'default',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: 'example',
  path: '/api/v1/namespaces/default/pods/example',
  isResourceRequest: true,
};

export const rule: LintRule = {
  id: 'AP046',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'failed logins that a rule for the unauthenticated does not catch',
    why: 'A request whose credentials are refused (401) has no user at all, not `system:anonymous` and not the group `system:unauthenticated`: those are requests without credentials. Only a rule without users and userGroups records a 401.',
    fix: 'Record the rest at Metadata: end with `- level: Metadata`.',
    bad: `rules:
- level: Metadata
  userGroups: [system:unauthenticated]
- level: None`,
    good: `rules:
- level: Request
  userGroups: [system:unauthenticated]
- level: Metadata`,
  },
  check: ({ rules, ask }) => {
    const index = rules.findIndex(
      ({ level, users = [], userGroups = [] }) =>
        level !== 'None' && (userGroups.includes(UNAUTHENTICATED) || users.includes(ANONYMOUS)),
    );
    const witness = ask(REFUSED);
    if (index < 0 || witness.level !== 'None') return [];
    return [
      {
        at: ['rules', index],
        message: `rules[${index}] does not catch failed logins: a 401 has no user and no group`,
        hint: 'end with "- level: Metadata": only a rule without users and userGroups records a 401',
        witness,
      },
    ];
  },
};
