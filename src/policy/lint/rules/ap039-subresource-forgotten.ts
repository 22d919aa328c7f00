import { KNOWN_RESOURCES, type KnownResource } from '../../catalogue.ts';
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
  check: (context) => {
    if (areTooMany(context)) return [];
    const sayers = new Map(CHANGING.map((known) => [wholeOf(known), rulesThatName(context, known)]));
    return context.rules.flatMap((one, index) => {
      // A name that stands there a thousand times is looked into once.
      const known = new Map<string, Forgotten | undefined>();
      const forgottenBy = (entry: GroupResources, name: string): Forgotten | undefined => {
        const key = JSON.stringify([entry.group, name]);
        if (!known.has(key)) known.set(key, forgottenOf(context, one, entry, name, sayers));
        return known.get(key);
      };
      return (one.resources ?? []).flatMap((entry, e) =>
        (entry.resources ?? []).flatMap((name, i) => {
          const forgotten = one.level === 'None' ? undefined : forgottenBy(entry, name);
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
      );
    });
  },
};

interface Forgotten {
  name: string;
  witness: Witness;
}

function forgottenOf(
  context: LintContext,
  one: PolicyRule,
  { group = '' }: GroupResources,
  name: string,
  sayers: ReadonlyMap<string, ReadonlySet<number>>,
): Forgotten | undefined {
  const found = CHANGING.filter((known) => known.resource === name && known.group === group);
  if (found.length === 0) return undefined;
  const asked = one.verbs ?? [];
  const verbs = VERBS.filter((verb) => asked.length === 0 || asked.includes(verb));
  if (verbs.length === 0) return undefined;
  for (const whole of found.map(wholeOf)) {
    const pattern = requestsFor([{ group, resources: [whole] }], verbs);
    const lesser = context.rules.flatMap((other, index) =>
      rank(other.level) < rank(one.level) && !sayers.get(whole)?.has(index) ? [index] : [],
    );
    const [witness] = lesser.flatMap((index) => witnessOf(context, index, pattern) ?? []);
    if (witness !== undefined) return { name: whole, witness };
  }
  return undefined;
}

function rank(level: string): number {
  return LEVELS.findIndex((known) => known === level);
}

function wholeOf({ resource, subresource }: KnownResource): string {
  return `${resource}/${subresource}`;
}

/** The rules that speak of the subresource itself, so that it is meant. */
function rulesThatName({ rules }: LintContext, known: KnownResource): Set<number> {
  const names = [wholeOf(known), `${known.resource}/*`, `*/${known.subresource}`];
  const isNamed = ({ resources = [] }: PolicyRule): boolean =>
    resources.some(({ resources: own = [] }) => names.some((name) => own.includes(name)));
  return new Set(rules.flatMap((rule, index) => (isNamed(rule) ? [index] : [])));
}
