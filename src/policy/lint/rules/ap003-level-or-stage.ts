import { fromProblems, isInvalid } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP003',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a level or stage that does not exist',
    why: 'Levels are None, Metadata, Request and RequestResponse; stages RequestReceived, ResponseStarted, ResponseComplete and Panic. kube-apiserver does not start with another word.',
    fix: 'Write one of them, with its capitals.',
    bad: `rules:
- level: metadata`,
    good: `rules:
- level: Metadata`,
  },
  check: fromProblems((problem) => isInvalid(problem, 'level', 'omitStages')),
};
