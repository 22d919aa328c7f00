import { fromProblems } from '../from-problems.ts';
import type { ProblemCode } from '../../problem.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

const UNREADABLE: readonly ProblemCode[] = [
  'SyntaxError',
  'AliasNotAllowed',
  'TooDeep',
  'UnsubstitutedPlaceholder',
  'CannotRender',
];

export const rule: LintRule = {
  id: 'AP000',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'the text is no policy',
    why: 'What cannot be read is not linted any further. Aliases, placeholders of templates and characters that would be read otherwise than they are written count here, too.',
    fix: 'Mend what the message names.',
    bad: `rules:
- level: [Metadata`,
    good: `rules:
- level: Metadata`,
  },
  check: fromProblems(({ code }) => UNREADABLE.includes(code)),
};
