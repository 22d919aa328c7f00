import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP011',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'a rule that no request can reach',
    why: 'The first rule that matches decides. Here the rules before it take everything that this one would match; this is proved for all possible requests, not sampled. What the rule says does not happen.',
    fix: 'Move it before the rules that are named, or remove it.',
    bad: `rules:
- level: None
- level: Request
  userGroups: [cluster-admin]`,
    good: `rules:
- level: Request
  userGroups: [cluster-admin]
- level: None`,
  },
  check: (context) =>
    context.rules.flatMap((_, index) => {
      const answer = context.space.reach(index);
      switch (answer.state) {
        case 'reachable':
          return [];
        case 'undecided':
          context.undecided();
          return [];
        case 'empty':
          return [
            {
              at: ['rules', index],
              message: `rules[${index}] matches no request at all`,
              hint: 'no resource has a name of its form; see AP010',
            },
          ];
        case 'unreachable': {
          const names = answer.coveredBy.map((one) => `rules[${one}]`);
          const last = names.pop() ?? '';
          const by = names.length > 0 ? `${names.join(', ')} and ${last}` : last;
          return [
            {
              at: ['rules', index],
              message: `no request reaches rules[${index}]: ${by} ${names.length > 0 ? 'take' : 'takes'} all that it would match`,
              hint: `move it before ${by}, or remove it`,
            },
          ];
        }
      }
    }),
};
