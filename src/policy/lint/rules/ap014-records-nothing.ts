import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP014',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'the policy records nothing',
    why: 'Every rule that a request can reach has level None: there is no audit log.',
    fix: 'Add a rule with another level, before the rule that takes everything.',
    bad: `rules:
- level: None`,
    good: `rules:
- level: Metadata`,
  },
  check: ({ rules, space }) => {
    if (rules.length === 0) return [];
    const isRecorded = rules.some(
      ({ level }, index) => level !== 'None' && ['reachable', 'undecided'].includes(space.reach(index).state),
    );
    if (isRecorded) return [];
    return [
      {
        at: ['rules'],
        message: 'the policy records nothing: every rule that a request can reach has level None',
        hint: 'add a rule with level Metadata before the one that takes everything',
      },
    ];
  },
};
