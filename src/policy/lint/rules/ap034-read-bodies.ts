import { witnessOf } from '../decisions.ts';
import { SPARING } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { READS, requestsFor } from '../sensitive.ts';

const ANY_READ = requestsFor([{ group: '*' }], READS);

export const rule: LintRule = {
  id: 'AP034',
  severity: 'warning',
  profiles: [...SPARING, 'allow-list'],
  patterns: [ANY_READ],
  docs: {
    title: 'RequestResponse for reads',
    why: 'The answer to a list holds every object of it, again and again, for each controller that starts. It fills the disk, and tells little that the objects themselves do not.',
    fix: 'Limit the rule to the verbs that write, and record reads at Metadata.',
    bad: `rules:
- level: RequestResponse
  resources: [{resources: [pods]}]
- level: Metadata`,
    good: `rules:
- level: RequestResponse
  verbs: [create, update, patch]
  resources: [{resources: [pods]}]
- level: Metadata`,
  },
  check: (context) =>
    context.rules.flatMap(({ level }, index) => {
      const witness = level === 'RequestResponse' ? witnessOf(context, index, ANY_READ) : undefined;
      if (witness === undefined) return [];
      return [
        {
          at: ['rules', index, 'level'],
          message: `rules[${index}] records the answers to reads, whole lists of objects`,
          hint: 'limit it to create, update, patch and delete, and record reads at Metadata',
          witness,
        },
      ];
    }),
};
