import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { requestsFor } from '../sensitive.ts';

const PATTERNS = [
  requestsFor([{ resources: ['pods/attach', 'nodes/proxy', 'nodes/log'] }], ['get', 'create']),
  requestsFor([{ resources: ['pods/ephemeralcontainers'] }], ['update', 'patch']),
];

export const rule: LintRule = {
  id: 'AP026',
  severity: 'warning',
  profiles: COMPLETE,
  patterns: PATTERNS,
  docs: {
    title: 'other ways into a container or node that are not recorded',
    why: '`pods/attach` and ephemeral containers are as good as exec; `nodes/proxy` leads past the API server to the kubelet.',
    fix: 'Record them at Metadata, without verbs.',
    bad: `rules:
- level: None
  resources: [{resources: [nodes/proxy]}]
- level: Metadata`,
    good: `rules:
- level: Metadata
  resources: [{resources: [nodes/proxy, "pods/*"]}]
- level: Metadata`,
  },
  check: (context) =>
    wrongDecisions(context, PATTERNS, (level) => level === 'None').map((wrong) => ({
      at: placeOf(wrong),
      message: `${deciderOf(wrong)} for some requests on attach, ephemeral containers, nodes/proxy or nodes/log: not recorded`,
      hint: 'record pods/attach, pods/ephemeralcontainers and nodes/proxy at Metadata, without verbs',
      witness: wrong.witness,
    })),
};
