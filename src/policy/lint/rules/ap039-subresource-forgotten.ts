import { KNOWN_RESOURCES } from '../../catalogue.ts';
import type { Witness } from '../../requests/space.ts';
import { LEVELS, type GroupResources, type PolicyRule } from '../../types.ts';
import { areTooMany, witnessOf } from '../decisions.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintContext, LintRule } from '../rule.ts';
import { requestsFor } from '../sensitive.ts';

/** Subresources through which an object is changed. */
const CHANGING = KNOWN_RESOURCES.filter(
  ({ subresource, verbs }) =>
    ['status', 'scale', 'resize', 'ephemeralcontainers'].includes(subresource) && verbs.includes('update'),
);
const VERBS = ['update', 'patch'];

export const rule: LintRule = {
  id: 'AP039',
  severity: 'info',
  profiles: COMPLETE,
  patterns: CHANGING.map(({ group, resource, subresource }) =>
    requestsFor([{ group, resources: [`${resource}/${subresource}`] }], VERBS),
  ),
  docs: {
    title: 'a resource without its subresources',
    why: '`pods` does not match `pods/status`: changes through a subresource are decided by another rule, here by one that records less and does not name it either.',
    fix: 'Write `pods/*`, which takes `pods` and all its subresources, or name those that are meant.',
    bad: `rules:
- level: Request
  resources: [{resources: [pods]}]
- level: Metadata`,
    good: `rules:
- level: Request
  resources: [{resources: ["pods/*"]}]
- level: Metadata`,
  },
  check: (context) =>
    (areTooMany(context) ? [] : context.rules).flatMap((one, index) =>
      (one.resources ?? []).flatMap((entry, e) =>
        (entry.resources ?? []).flatMap((name, i) => {
          const forgotten = one.level === 'None' ? undefined : forgottenOf(context, one, entry, name);
          if (forgotten === undefined) return [];
          return [
            {
              at: ['rules', index, 'resources', e, 'resources', i],
              message: `${name} does not match ${forgotten.name}, which rules[${forgotten.witness.rule}] records less`,
              hint: `write ${name}/* for the resource with its subresources, or name ${forgotten.name}`,
              witness: forgotten.witness,
            },
          ];
        }),
      ),
    ),
};

function forgottenOf(
  context: LintContext,
  one: PolicyRule,
  { group = '' }: GroupResources,
  name: string,
): { name: string; witness: Witness } | undefined {
  const found = CHANGING.filter((known) => known.resource === name && known.group === group);
  if (found.length === 0) return undefined;
  const asked = one.verbs ?? [];
  const verbs = VERBS.filter((verb) => asked.length === 0 || asked.includes(verb));
  if (verbs.length === 0) return undefined;
  for (const { resource, subresource } of found) {
    const whole = `${resource}/${subresource}`;
    const pattern = requestsFor([{ group, resources: [whole] }], verbs);
    const lesser = context.rules.flatMap((other, index) =>
      rank(other.level) < rank(one.level) && !namesIt(other, whole) ? [index] : [],
    );
    const [witness] = lesser.flatMap((index) => witnessOf(context, index, pattern) ?? []);
    if (witness !== undefined) return { name: whole, witness };
  }
  return undefined;
}

function rank(level: string): number {
  return LEVELS.findIndex((known) => known === level);
}

/** Whether a rule speaks of the subresource itself, so that it is meant. */
function namesIt({ resources = [] }: PolicyRule, whole: string): boolean {
  const [resource = '', subresource = ''] = whole.split('/');
  return resources.some(({ resources: names = [] }) =>
    names.some((name) => [whole, `${resource}/*`, `*/${subresource}`].includes(name)),
  );
}
