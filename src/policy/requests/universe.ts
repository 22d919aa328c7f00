import type { AuditPolicy, PolicyRule } from '../types.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, type RequestPattern } from './pattern.ts';
import { OutOfBudget } from './budget.ts';
import { Paths } from './paths.ts';
import { Targets } from './targets.ts';
import { Values } from './values.ts';

/** What requests are made of, as finely as a policy and some patterns can tell them apart. */
export interface Universe {
  /** The user's name; one bit more, `noUser`, for a request without. */
  users: Values;
  noUser: bigint;
  /** Groups are no value but a set of them: boxes say which must be hit and which must be missed. */
  groups: Values;
  verbs: Values;
  namespaces: Values;
  apiGroups: Values;
  targets: Targets;
  names: Values;
  paths: Paths;
}

const LIKELY = {
  users: ['jane', 'john', 'someone'],
  groups: ['developers', 'testers'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  namespaces: ['default', 'team-a', 'team-b'],
  apiGroups: ['apps', 'batch', 'example.com'],
  names: ['example', 'my-app', 'my-app-1'],
};

/** How much there may be to divide: far beyond any policy that people write. */
export interface UniverseBounds {
  /** Pairs of entries that may have to be tried against one another. Default 1 million. */
  maxPairs?: number;
  /** Bits of all masks together. Default 200 million. */
  maxBits?: number;
}

/** @throws OutOfBudget for a policy that would take too long to divide */
export function universeOf(
  policy: AuditPolicy,
  patterns: readonly RequestPattern[],
  bounds: UniverseBounds = {},
): Universe {
  const rules: readonly (PolicyRule | RequestPattern)[] = [...(policy.rules ?? []), ...patterns];
  const entries = rules.flatMap(({ resources }) => resources ?? []);
  const all = (key: 'users' | 'userGroups' | 'verbs' | 'namespaces' | 'nonResourceURLs') =>
    rules.flatMap((rule) => rule[key] ?? []);
  const names = entries.flatMap(({ resources }) => resources ?? []).filter((entry) => entry !== '*');
  const urls = all('nonResourceURLs');
  const others = [all('users'), all('userGroups'), all('namespaces'), all('verbs')];
  requireBounded(rules.length + entries.length, new Set(names), new Set(urls), others.flat().length, bounds);
  const users = new Values([...all('users'), ANONYMOUS], LIKELY.users);
  return {
    users,
    noUser: users.all + 1n,
    groups: new Values([AUTHENTICATED, UNAUTHENTICATED, ...all('userGroups')], LIKELY.groups),
    verbs: new Values(all('verbs'), LIKELY.verbs),
    // Cluster scope, collections and the core group are what "" stands for.
    namespaces: new Values(['', ...all('namespaces')], LIKELY.namespaces),
    apiGroups: new Values(['', ...entries.map(({ group = '' }) => group)], LIKELY.apiGroups),
    targets: new Targets(
      entries.flatMap(({ resources }) => resources ?? []).filter((entry) => entry !== '*'),
    ),
    names: new Values(['', ...entries.flatMap(({ resourceNames }) => resourceNames ?? [])], LIKELY.names),
    paths: new Paths(urls),
  };
}

/** So many bits of masks take about as long to compare as all else about two boxes. */
const BITS_PER_COMPARISON = 8_192;

/** What a comparison of two boxes counts, by the length of their masks. */
export function weightOf(universe: Universe): number {
  return 1 + Math.floor(bitsOf(universe) / BITS_PER_COMPARISON);
}

function bitsOf({ users, groups, verbs, namespaces, apiGroups, targets, names, paths }: Universe): number {
  const sides = [users, groups, verbs, namespaces, apiGroups, targets, names, paths];
  return sides.reduce((sum, { representatives }) => sum + representatives.length, 0);
}

function requireBounded(
  boxes: number,
  names: ReadonlySet<string>,
  urls: ReadonlySet<string>,
  literals: number,
  { maxPairs = 1_000_000, maxBits = 200_000_000 }: UniverseBounds,
): void {
  const parents = [...names].filter((name) => name.endsWith('/*')).length;
  const subresources = [...names].filter((name) => name.startsWith('*/')).length;
  const prefixes = [...urls].filter((url) => url.endsWith('*')).length;
  const pairs = parents * subresources;
  const isTooMuch =
    pairs > maxPairs ||
    urls.size * prefixes > maxPairs ||
    boxes * (literals + names.size + pairs + urls.size) > maxBits;
  if (isTooMuch) throw new OutOfBudget();
}
