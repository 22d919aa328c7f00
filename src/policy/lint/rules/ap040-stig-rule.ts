import type { Find, LintContext, LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP040',
  severity: 'error',
  profiles: ['stig'],
  docs: {
    title: 'not the one rule that the STIG wants',
    why: 'V-242403 wants a policy with one rule, RequestResponse for everything. That contradicts CIS 3.2.2, which wants secrets at Metadata (AP020): with it the log holds every secret and token. A policy as the STIG wants it gets that as an information.',
    fix: 'Write the one rule, and guard the log as you guard the secrets; or take the profile `cis`, and document the exception.',
    bad: `rules:
- level: Metadata`,
    good: `rules:
- level: RequestResponse`,
  },
  check,
};

function check({ rules }: LintContext): Find[] {
  const [only, ...more] = rules;
  if (only === undefined) return [];
  const asked = [
    only.users,
    only.userGroups,
    only.verbs,
    only.resources,
    only.namespaces,
    only.nonResourceURLs,
  ];
  const isUnconditional = asked.every((list) => list === undefined || list.length === 0);
  if (more.length === 0 && isUnconditional && only.level === 'RequestResponse')
    return [
      {
        at: ['rules', 0, 'level'],
        severity: 'info',
        message: 'as V-242403 wants it, secrets and tokens stand in the log, which CIS 3.2.2 forbids (AP020)',
        hint: 'guard the log as you guard the secrets; no policy satisfies both',
      },
    ];
  return [
    {
      at: ['rules'],
      message:
        'V-242403 wants exactly one rule, RequestResponse for everything; CIS 3.2.2 (AP020) wants the opposite for secrets',
      hint: 'write the one rule "- level: RequestResponse", or document the exception and use the profile cis',
    },
  ];
}
