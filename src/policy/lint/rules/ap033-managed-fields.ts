import { SPARING } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { recordsBodies } from '../sensitive.ts';

export const rule: LintRule = {
  id: 'AP033',
  severity: 'info',
  profiles: SPARING,
  docs: {
    title: 'bodies are recorded with their managed fields',
    why: '`metadata.managedFields` says which client owns which field. Nobody reads it in an audit log, and it may be a third of a body.',
    fix: 'Add `omitManagedFields: true` to the policy.',
    bad: `rules:
- level: Request
  verbs: [create]
- level: Metadata`,
    good: `omitManagedFields: true
rules:
- level: Request
  verbs: [create]
- level: Metadata`,
  },
  check: ({ policy, rules }) => {
    if (policy.omitManagedFields !== undefined) return [];
    const index = rules.findIndex(
      ({ level, omitManagedFields }) => recordsBodies(level) && omitManagedFields === undefined,
    );
    if (index < 0) return [];
    return [
      {
        at: ['rules', index, 'level'],
        message: 'bodies are recorded with metadata.managedFields, which only make them larger',
        hint: 'add omitManagedFields: true to the policy',
      },
    ];
  },
};
