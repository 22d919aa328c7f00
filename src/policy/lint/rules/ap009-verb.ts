import type { PolicyRule } from '../../types.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { RESOURCE_VERBS } from '../sensitive.ts';

export const rule: LintRule = {
  id: 'AP009',
  severity: 'error',
  profiles: EVERY,
  docs: {
    title: 'a verb that no request has',
    why: 'Requests on resources have the verbs get, list, watch, create, update, patch, delete and deletecollection; requests on URLs the HTTP method in lower case. `exec` is a subresource and `edit` a kubectl command: a rule with such a verb matches nothing.',
    fix: 'Write the verb of the API. For exec: verbs create and get on `pods/exec`.',
    bad: `rules:
- level: Request
  verbs: [POST]
  resources: [{resources: [pods]}]
- level: Metadata`,
    good: `rules:
- level: Request
  verbs: [create]
  resources: [{resources: [pods]}]
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.flatMap((one, index) => {
      const known = verbsOf(one);
      return (one.verbs ?? []).flatMap((verb, i) =>
        known.includes(verb) || verb.includes('*')
          ? []
          : [
              {
                at: ['rules', index, 'verbs', i],
                message: `no request that this rule is about has the verb ${JSON.stringify(verb.slice(0, 40))}`,
                hint: hintFor(verb, known),
              },
            ],
      );
    }),
};

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'connect', 'trace'];
const MEANT = new Map([
  ['post', 'create'],
  ['put', 'update'],
  ['head', 'get'],
  ['edit', 'update'],
  ['apply', 'patch'],
  ['write', 'create'],
  ['read', 'get'],
]);

function verbsOf({ resources = [], namespaces = [], nonResourceURLs = [] }: PolicyRule): readonly string[] {
  if (resources.length > 0 || namespaces.length > 0) return RESOURCE_VERBS;
  return nonResourceURLs.length > 0 ? METHODS : [...new Set([...RESOURCE_VERBS, ...METHODS])];
}

function hintFor(verb: string, known: readonly string[]): string {
  const lower = verb.toLowerCase();
  const meant = known.includes(lower) ? lower : MEANT.get(lower);
  if (meant !== undefined && known.includes(meant)) return `write ${meant}`;
  if (['exec', 'attach', 'portforward', 'port-forward'].includes(lower))
    return `write verbs create and get, and the resource pods/${lower.replace('-', '')}`;
  return `it is one of ${known.join(', ')}`;
}
