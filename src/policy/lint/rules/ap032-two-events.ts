import { SPARING } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP032',
  severity: 'info',
  profiles: SPARING,
  docs: {
    title: 'two events for each request',
    why: 'Each request is recorded when it arrives (RequestReceived) and when it is answered. The second event has all that the first has, so the first doubles the number of events for little.',
    fix: 'Add `omitStages: [RequestReceived]` to the policy.',
    bad: `rules:
- level: Metadata`,
    good: `omitStages: [RequestReceived]
rules:
- level: Metadata`,
  },
  check: ({ policy, rules }) => {
    if (policy.omitStages?.includes('RequestReceived') === true) return [];
    const index = rules.findIndex(
      ({ level, omitStages }) => level !== 'None' && omitStages?.includes('RequestReceived') !== true,
    );
    if (index < 0) return [];
    return [
      {
        at: ['rules', index],
        message: 'the stage RequestReceived is not left out: about two events for each request',
        hint: 'add omitStages: [RequestReceived] to the policy',
      },
    ];
  },
};
