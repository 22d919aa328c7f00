import { KNOWN_RESOURCES, wholeName } from '../../catalogue.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP037',
  severity: 'info',
  profiles: EVERY,
  docs: {
    title: 'namespaces on a rule for what has none',
    why: 'A request on a cluster-wide resource has the namespace "". A rule with namespaces that lacks "" never matches it.',
    fix: 'Add "" to the namespaces, or give the resource a rule of its own.',
    bad: `rules:
- level: Request
  namespaces: [kube-system]
  resources: [{resources: [nodes]}]
- level: Metadata`,
    good: `rules:
- level: Request
  namespaces: [kube-system, ""]
  resources: [{resources: [nodes]}]
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.flatMap(({ namespaces = [], resources = [] }, index) =>
      namespaces.length === 0 || namespaces.includes('')
        ? []
        : resources.flatMap(({ group = '', resources: names = [] }, entry) =>
            names.flatMap((name, i) =>
              CLUSTER_WIDE.has(`${group}/${name}`)
                ? [
                    {
                      at: ['rules', index, 'resources', entry, 'resources', i],
                      message: `${name} belongs to no namespace, so this rule never matches it`,
                      hint: 'add "" to the namespaces of the rule, or give it a rule of its own',
                    },
                  ]
                : [],
            ),
          ),
    ),
};

/** But for namespaces: of a request on one, its own name counts as the namespace. */
const CLUSTER_WIDE = new Set(
  KNOWN_RESOURCES.filter(({ isNamespaced, resource }) => !isNamespaced && resource !== 'namespaces').map(
    (known) => `${known.group}/${wholeName(known)}`,
  ),
);
