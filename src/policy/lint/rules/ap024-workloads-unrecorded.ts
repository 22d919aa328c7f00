import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor, WRITES } from '../sensitive.ts';

const PATTERNS = [
  requestsFor([{ resources: ['pods'] }, { group: 'apps', resources: ['deployments'] }], WRITES),
];

export const rule: LintRule = {
  id: 'AP024',
  severity: 'error',
  profiles: ['cis', 'pci'],
  patterns: PATTERNS,
  docs: {
    title: 'changes of pods or deployments that are not recorded',
    why: 'CIS 3.2.2 wants changes of pods and deployments recorded: they are how code gets to run.',
    fix: 'Record writes of pods and deployments at Metadata or more.',
    bad: `rules:
- level: Metadata
  verbs: [get, list, watch]`,
    good: `rules:
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on pods or deployments: not recorded`,
      hint: 'record create, update, patch, delete and deletecollection of pods and deployments at Metadata',
      witness: wrong.witness,
    })),
};
