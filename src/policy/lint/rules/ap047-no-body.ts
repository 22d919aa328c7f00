import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { recordsBodies } from '../sensitive.ts';

export const rule: LintRule = {
  id: 'AP047',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'bodies of requests to URLs',
    why: 'kube-apiserver records bodies of resources only. For a URL Request and RequestResponse say no more than Metadata.',
    fix: 'Write `level: Metadata`, so that nobody expects more.',
    bad: `rules:
- level: RequestResponse
  nonResourceURLs: [/metrics]
- level: Metadata`,
    good: `rules:
- level: Metadata
  nonResourceURLs: [/metrics]
- level: None`,
  },
  check: ({ rules }) =>
    rules.flatMap(({ level, namespaces = [], resources = [], nonResourceURLs = [] }, index) =>
      recordsBodies(level) && nonResourceURLs.length > 0 && namespaces.length + resources.length === 0
        ? [
            {
              at: ['rules', index, 'level'],
              message: `${level} records no body here: requests to URLs have none in the log`,
              hint: 'write level: Metadata',
            },
          ]
        : [],
    ),
};
