import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

/** What is wrong with comments is found where they are read: see `ignore.ts`. */
export const rule: LintRule = {
  id: 'AP048',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'a lint-ignore without reason, or without effect',
    why: 'A comment that silences a finding is there for the next reader, who needs to know why. One that names no rule, or silences nothing any more, hides what comes next.',
    fix: 'Write `# lint-ignore: AP034 why`; remove it when the finding is gone. What validation refuses cannot be silenced.',
    bad: `rules:
- level: RequestResponse # lint-ignore: AP034
  resources: [{resources: [pods]}]
- level: Metadata`,
    good: `rules:
- level: RequestResponse # lint-ignore: AP034 a case is open
  resources: [{resources: [pods]}]
- level: Metadata`,
  },
  check: () => [],
};
