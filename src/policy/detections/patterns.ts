import { wholeName } from '../catalogue.ts';
import { isOfCollection } from '../request/request-path.ts';
import { findResource } from '../request/resource-name.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, type RequestPattern } from '../requests/pattern.ts';
import type { AuditPolicy } from '../types.ts';
import type { Ask, Detection } from './detection.ts';
import { representativesOf, type TextSet } from './text-set.ts';

/** What policies name: they can tell no other texts apart. */
export interface Words {
  users: readonly string[];
  groups: readonly string[];
  namespaces: readonly string[];
  names: readonly string[];
}

export const LIKELY = {
  users: ['jane', 'john'],
  namespaces: ['default', 'team-a'],
  names: ['example', 'my-app'],
} as const;

export function wordsOf(policies: readonly AuditPolicy[]): Words {
  const rules = policies.flatMap((policy) => policy.rules ?? []);
  const unique = (texts: string[]): string[] => [...new Set(texts)];
  return {
    users: unique([ANONYMOUS, ...rules.flatMap(({ users }) => users ?? [])]),
    groups: unique([AUTHENTICATED, UNAUTHENTICATED, ...rules.flatMap(({ userGroups }) => userGroups ?? [])]),
    namespaces: unique(rules.flatMap(({ namespaces }) => namespaces ?? [])),
    names: unique(
      rules.flatMap(({ resources }) => (resources ?? []).flatMap(({ resourceNames }) => resourceNames ?? [])),
    ),
  };
}

/** A pattern to ask a policy about, in a view of that policy. */
export interface Question {
  pattern: RequestPattern;
  /** The requests without a user; else those of users who are known. */
  isOfNobody: boolean;
  exceptPaths: readonly string[];
}

/** The requests that a detection looks at, in terms of rules; exact for policies that name these words. */
export function questionsOf({ asks, isOfNobodyToo = false }: Detection, words: Words): Question[] {
  return asks.flatMap((ask) => {
    const exceptPaths = ask.exceptPaths ?? [];
    const users = representativesOf(ask.users ?? {}, words.users, LIKELY.users);
    return partsOf(ask, words).flatMap((part) => [
      { pattern: { ...part, users, isIdentified: true }, isOfNobody: false, exceptPaths },
      ...(isOfNobodyToo ? [{ pattern: part, isOfNobody: true, exceptPaths }] : []),
    ]);
  });
}

/** With a name and without are two parts: what the one has the other cannot have. */
function partsOf({ verbs = [], resource, namespaces = {}, names = {} }: Ask, words: Words): RequestPattern[] {
  if (resource === undefined) return [{ verbs: [...verbs] }];
  const named = findResource(resource);
  const entry = { group: named.group, resources: [wholeName(named)] };
  const isNamespace = named.resource === 'namespaces' && named.group === '';
  const ofCollection = verbs.filter((verb) => isOfCollection(verb, named.subresource));
  const ofObject = verbs.filter((verb) => !isOfCollection(verb, named.subresource));
  const inNamespaces = representativesOf(notEmpty(namespaces), words.namespaces, LIKELY.namespaces);
  const part = (of: string[], resourceNames: string[], isInNamespace: boolean): RequestPattern[] =>
    of.length === 0
      ? []
      : [
          {
            verbs: of,
            resources: [{ ...entry, resourceNames }],
            namespaces: isInNamespace ? inNamespaces : [''],
          },
        ];
  return [
    ...part(ofCollection, [''], named.isNamespaced),
    // A request for one namespace lies in it.
    ...part(
      ofObject,
      representativesOf(notEmpty(names), words.names, LIKELY.names),
      named.isNamespaced || isNamespace,
    ),
  ];
}

function notEmpty(set: TextSet): TextSet {
  return { ...set, except: [...(set.except ?? []), ''] };
}
