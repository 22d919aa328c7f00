import { fromProblems } from '../from-problems.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

const LARGE_BYTES = 256 * 1024;
const MANY_RULES = 200;

/** Rule for rule kube-apiserver looks at each request; see the page for what that costs. */
export const rule: LintRule = {
  id: 'AP042',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'a policy that is very large',
    why: 'kube-apiserver goes through the rules one by one for every request: 10 rules cost 0.5 µs, 1,000 cost 45 µs, 10,000 half a millisecond. More than 200 rules or 256 KiB is a warning; more than 1 MiB does not fit a ConfigMap and is an error.',
    fix: 'Join rules that differ in one list only; remove those that no request reaches (AP011).',
    bad: `rules:
${Array.from({ length: MANY_RULES }, (_, i) => `- {level: None, users: [robot-${i}]}`).join('\n')}
- level: Metadata`,
    good: `rules:
- {level: None, users: [robot-0, robot-1, robot-2]}
- level: Metadata`,
  },
  check: (context) => [
    ...fromProblems(({ code }) => code === 'TooLarge')(context),
    ...(context.rules.length > MANY_RULES
      ? [
          {
            at: ['rules', MANY_RULES],
            message: `${context.rules.length} rules: every request to the API server is held against them one by one`,
            hint: `join rules that differ in one list only, to ${MANY_RULES} or fewer`,
          },
        ]
      : []),
    ...(context.renderedBytes > LARGE_BYTES
      ? [
          {
            at: ['rules'],
            message: `the policy has ${context.renderedBytes} bytes; a ConfigMap takes 1 MiB, and a copy of it is kept`,
            hint: `shorten it to ${LARGE_BYTES} bytes or fewer`,
          },
        ]
      : []),
  ],
};
