import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor, RESOURCE_VERBS } from '../sensitive.ts';

const PATTERNS = [requestsFor([{ resources: ['secrets'] }], RESOURCE_VERBS)];

export const rule: LintRule = {
  id: 'AP023',
  severity: 'error',
  profiles: ['cis', 'pci'],
  patterns: PATTERNS,
  docs: {
    title: 'access to secrets that is not recorded',
    why: 'CIS 3.2.2 wants every access to secrets in the log, reads too; PCI DSS 10.2.1.1 the same of the data they lead to.',
    fix: 'Give secrets a rule at Metadata before the rule that is named.',
    bad: `rules:
- level: None
  verbs: [get, list, watch]
- level: Metadata`,
    good: `rules:
- level: Metadata
  resources: [{resources: [secrets]}]
- level: None
  verbs: [get, list, watch]
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on secrets: not recorded`,
      hint: 'give secrets a rule at Metadata before everything else',
      witness: wrong.witness,
    })),
};
