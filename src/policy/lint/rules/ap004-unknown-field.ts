import { fromProblems } from '../from-problems.ts';
import type { ProblemCode } from '../../problem.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

const STRICT: readonly ProblemCode[] = ['UnknownField', 'DuplicateField', 'WrongType', 'IgnoredField'];

export const rule: LintRule = {
  id: 'AP004',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a field that is unknown, given twice, or of another type',
    why: 'kube-apiserver drops an unknown field with a line in its log, and of a repeated one reads the last. A rule then matches more than it says: with `user:` for `users:`, everybody.',
    fix: 'Write the field that the message names.',
    bad: `rules:
- level: None
  user: [system:kube-proxy]
- level: Metadata`,
    good: `rules:
- level: None
  users: [system:kube-proxy]
- level: Metadata`,
  },
  check: fromProblems(({ code }) => STRICT.includes(code)),
};
