import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor } from '../sensitive.ts';

const PATTERNS = [
  requestsFor(
    [{ resources: ['pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'] }],
    ['get', 'create'],
  ),
];

export const rule: LintRule = {
  id: 'AP025',
  severity: 'error',
  profiles: ['cis', 'pci'],
  patterns: PATTERNS,
  docs: {
    title: 'exec, portforward or proxy that is not recorded',
    why: 'CIS 3.2.2 wants them recorded. Since `kubectl` uses WebSockets such a request is a `get`, and with older clients a `create`: a rule has to take both.',
    fix: 'Give them a rule at Metadata, without verbs.',
    bad: `rules:
- level: Metadata
  verbs: [create]
  resources: [{resources: [pods/exec]}]
- level: None
  verbs: [get]
- level: Metadata`,
    good: `rules:
- level: Metadata
  resources: [{resources: [pods/exec, pods/portforward, pods/proxy, services/proxy]}]
- level: None
  verbs: [get]
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on exec, portforward or proxy: not recorded`,
      hint: 'give them a rule at Metadata without verbs: exec over WebSockets is a get',
      witness: wrong.witness,
    })),
};
