import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import type { LintRule } from '../rule.ts';
import { bodiesOf, CIS_SECRETS } from '../sensitive.ts';

const LEVELS = ['Request', 'RequestResponse'];

export const rule: LintRule = {
  id: 'AP020',
  severity: 'error',
  profiles: ['cis'],
  patterns: LEVELS.map((level) => bodiesOf(CIS_SECRETS, level)),
  docs: {
    title: 'secrets, configmaps or token reviews with their bodies',
    why: 'CIS 3.2.2 wants these at Metadata only: with Request or RequestResponse their content stands in the audit log, which more people read than may read secrets. At Request that is so for create, update and patch, at RequestResponse for every verb.',
    fix: 'Give them a rule at Metadata before all others.',
    bad: `rules:
- level: Request`,
    good: `rules:
- level: Metadata
  resources:
  - resources: [secrets, configmaps]
  - {group: authentication.k8s.io, resources: [tokenreviews]}
- level: Request`,
  },
  check: (context) =>
    LEVELS.flatMap((level) =>
      wrongDecisions(context, [bodiesOf(CIS_SECRETS, level)], (one) => one === level),
    ).map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for secrets, configmaps or token reviews: their content is recorded`,
      hint: 'give secrets, configmaps and tokenreviews a rule at Metadata before this one',
      witness: wrong.witness,
    })),
};
