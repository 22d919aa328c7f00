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
          const by = listOf(answer.coveredBy);
          const verb = answer.coveredBy.length > 1 ? 'take' : 'takes';
          return [
            {
              at: ['rules', index],
              message: `no request reaches rules[${index}]: ${by} ${verb} all that it would match`,
              hint: `move it before ${by}, or remove it`,
            },
          ];
        }
      }
    }),
};

const MAX_NAMED = 10;

/** `rules[0], rules[1] and rules[4]` */
function listOf(indices: readonly number[]): string {
  const names = indices.slice(0, MAX_NAMED).map((index) => `rules[${index}]`);
  const more = indices.length - names.length;
  const last = more > 0 ? `${more} more` : names.pop();
  return names.length > 0 ? `${names.join(', ')} and ${last ?? ''}` : (last ?? '');
}
