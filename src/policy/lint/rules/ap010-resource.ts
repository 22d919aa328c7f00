import { groupsWith, knownNames } from '../../catalogue.ts';
import { nearest } from '../../suggest.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP010',
  severity: 'warning',
  profiles: EVERY,
  docs: {
    title: 'a resource that its group does not have',
    why: 'Resources are lower-case plurals, and each belongs to a group. `deployments` of the core group, or `pod`, match no request, and nothing tells you. Only groups of Kubernetes itself are looked at; what is known of them is the discovery of 1.36.',
    fix: 'Write the resource as `kubectl api-resources` does, under its group.',
    bad: `rules:
- level: Request
  resources: [{resources: [deployments]}]
- level: Metadata`,
    good: `rules:
- level: Request
  resources: [{group: apps, resources: [deployments]}]
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.flatMap(({ resources = [] }, index) =>
      resources.flatMap(({ group = '', resources: names = [] }, entry) =>
        names.flatMap((name, i) => {
          const hint = mistake(group, name);
          if (hint === undefined) return [];
          const where = group === '' ? 'the core group' : group === '*' ? 'any group' : `group ${group}`;
          return [
            {
              at: ['rules', index, 'resources', entry, 'resources', i],
              message: `${where} has no ${JSON.stringify(name.slice(0, 80))}, so this matches no request`,
              hint,
            },
          ];
        }),
      ),
    ),
};

const WELL_FORMED = /^(?:\*|[^*/]+)(?:\/(?:\*|[^*/]+))?$/;

/** What would be right; undefined when nothing is wrong, or the group is not known. */
function mistake(group: string, name: string): string | undefined {
  if (name === '*') return undefined;
  if (!WELL_FORMED.test(name)) return 'wildcards are *, */sub and res/*, and a name has at most two parts';
  if (name !== name.toLowerCase()) return `write it in lower case: ${name.toLowerCase().slice(0, 80)}`;
  const names = knownNames(group);
  if (name.startsWith('*/') || names === undefined) return undefined;
  const resource = name.endsWith('/*') ? name.slice(0, -2) : name;
  if (names.has(resource)) return undefined;
  const elsewhere = groupsWith(resource);
  if (elsewhere.length > 0) return `it belongs to ${elsewhere.map(nameOf).join(' and ')}`;
  const meant = nearest(resource, names);
  return meant === undefined ? 'kubectl api-resources lists what there is' : `did you mean ${meant}?`;
}

function nameOf(group: string): string {
  return group === '' ? 'the core group' : `group ${group}`;
}
