import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import { SPARING } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor } from '../sensitive.ts';

const TOKENS = requestsFor([{ resources: ['serviceaccounts/token'] }], ['create']);

export const rule: LintRule = {
  id: 'AP021',
  severity: 'error',
  profiles: [...SPARING, 'allow-list'],
  patterns: [TOKENS],
  docs: {
    title: 'ServiceAccount tokens with their bodies',
    why: 'The answer to a request on `serviceaccounts/token` holds the token: at RequestResponse whoever reads the audit log can use it. At Request the token itself is not recorded, but one changed word of the level would; under the profile `allow-list` only RequestResponse counts.',
    fix: 'Give `serviceaccounts/token` a rule at Metadata before all others.',
    bad: `rules:
- level: RequestResponse
  verbs: [create]
- level: Metadata`,
    good: `rules:
- level: Metadata
  resources: [{resources: [serviceaccounts/token]}]
- level: RequestResponse
  verbs: [create]
- level: Metadata`,
  },
  check: (context) => {
    const isMild = !SPARING.some((profile) => context.profiles.has(profile));
    return wrongDecisions(
      context,
      [TOKENS],
      (level) => level === 'RequestResponse' || (level === 'Request' && !isMild),
    ).map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for serviceaccounts/token${wrong.witness.level === 'RequestResponse' ? ': the log holds tokens that work' : ', which belongs at Metadata'}`,
      hint: 'give serviceaccounts/token a rule at Metadata before this one',
      witness: wrong.witness,
    }));
  },
};
