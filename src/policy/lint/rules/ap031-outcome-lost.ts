import { EVERY } from '../profiles.ts';
import type { Find, LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP031',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'the outcome of requests is left out',
    why: 'The stage ResponseComplete says how a request ended, with its status code, and Panic that the API server failed in it. Without them the log tells what was asked and not what happened (AU-3, the STIG’s "event results").',
    fix: 'Leave out RequestReceived only.',
    bad: `omitStages: [ResponseComplete]
rules:
- level: Metadata`,
    good: `omitStages: [RequestReceived]
rules:
- level: Metadata`,
  },
  check: ({ policy, rules }) => [
    ...lost(policy.omitStages, ['omitStages']),
    ...rules.flatMap(({ level, omitStages }, index) =>
      level === 'None' ? [] : lost(omitStages, ['rules', index, 'omitStages']),
    ),
  ],
};

function lost(stages: readonly string[] | undefined, at: Find['at']): Find[] {
  return (stages ?? []).flatMap((stage, i) =>
    stage === 'ResponseComplete' || stage === 'Panic'
      ? [
          {
            at: [...at, i],
            message: `without the stage ${stage} the log does not say how requests ended`,
            hint: `remove ${stage}; RequestReceived is the stage that can be spared`,
          },
        ]
      : [],
  );
}
