import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP038',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'resourceNames with verbs whose requests have no name',
    why: 'A create carries the name in its body, and deletecollection has none: with resourceNames they never match. A list or watch has a name only when the client selects `metadata.name`.',
    fix: 'Leave the names out, or the verbs. `resourceNames: [""]` matches requests on collections.',
    bad: `rules:
- level: Request
  verbs: [create]
  resources: [{resources: [configmaps], resourceNames: [app]}]
- level: Metadata`,
    good: `rules:
- level: Request
  verbs: [update, patch, delete]
  resources: [{resources: [configmaps], resourceNames: [app]}]
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.flatMap(({ verbs = [], resources = [] }, index) => {
      const nameless = verbs.filter((verb) => verb in NAMELESS);
      if (nameless.length === 0) return [];
      return resources.flatMap(({ resources: names = [], resourceNames = [] }, entry) => {
        const isPlain = names.some((name) => !name.includes('/'));
        if (resourceNames.length === 0 || resourceNames.includes('') || !isPlain) return [];
        return [
          {
            at: ['rules', index, 'resources', entry, 'resourceNames'],
            part: 'key' as const,
            message: `with resourceNames ${nameless.map((verb) => `${verb} ${NAMELESS[verb] ?? ''}`).join(', ')}`,
            hint: 'leave out the names or those verbs',
          },
        ];
      });
    }),
};

const NAMELESS: Readonly<Record<string, string>> = {
  create: 'never matches',
  deletecollection: 'never matches',
  list: 'matches only with a field selector for metadata.name',
  watch: 'matches only with a field selector for metadata.name',
};
