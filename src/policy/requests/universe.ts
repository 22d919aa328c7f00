import type { AuditPolicy, PolicyRule } from '../types.ts';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, type RequestPattern } from './pattern.ts';
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

export function universeOf(policy: AuditPolicy, patterns: readonly RequestPattern[]): Universe {
  const rules: readonly (PolicyRule | RequestPattern)[] = [...(policy.rules ?? []), ...patterns];
  const entries = rules.flatMap(({ resources }) => resources ?? []);
  const all = (key: 'users' | 'userGroups' | 'verbs' | 'namespaces' | 'nonResourceURLs') =>
    rules.flatMap((rule) => rule[key] ?? []);
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
    paths: new Paths(all('nonResourceURLs')),
  };
}
