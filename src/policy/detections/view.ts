import { ANONYMOUS, UNAUTHENTICATED } from '../requests/pattern.ts';
import type { AuditPolicy, PolicyRule } from '../types.ts';
import type { Question, Words } from './patterns.ts';

/** A policy before some of the requests alone, as a policy that `RequestSpace` can be asked about. */
export interface View {
  policy: AuditPolicy;
  /** The rules of the policy itself, by their place in the view; -1 stands for no rule in both. */
  rules: ReadonlyMap<number, number>;
}

/** Questions of one key are asked of one view. */
export function viewKey({ isOfNobody, exceptPaths }: Question): string {
  return JSON.stringify([isOfNobody, exceptPaths]);
}

/** What a policy is before the requests of these questions, which have one key. */
export function viewOf(policy: AuditPolicy, questions: readonly Question[], words: Words): View {
  const { isOfNobody = false, exceptPaths = [] } = questions[0] ?? {};
  if (isOfNobody) return ofNobody(policy, exceptPaths);
  const users = new Set(questions.flatMap(({ pattern }) => pattern.users ?? []));
  return ofUsers(policy, exceptPaths, { ...words, users: [...users] });
}

/** A rule for users or groups does not match a request that has no user, and all others do not look at it. */
function ofNobody({ rules = [], ...rest }: AuditPolicy, exceptPaths: readonly string[]): View {
  const kept = [...rules.entries()].filter(
    ([, rule]) => !(hasItems(rule.users) || hasItems(rule.userGroups)),
  );
  return withFirst(rest, except(exceptPaths), kept);
}

/**
 * What cannot be is taken away by rules that come first: the anonymous user is in `system:unauthenticated` and in no other group,
 * and nobody else is in it.
 */
function ofUsers({ rules = [], ...rest }: AuditPolicy, exceptPaths: readonly string[], words: Words): View {
  const others = words.users.filter((user) => user !== ANONYMOUS);
  const first: PolicyRule[] = [
    {
      level: 'None',
      users: [ANONYMOUS],
      userGroups: words.groups.filter((group) => group !== UNAUTHENTICATED),
    },
    ...(others.length === 0 ? [] : [{ level: 'None', users: others, userGroups: [UNAUTHENTICATED] }]),
    ...except(exceptPaths),
  ];
  return withFirst(rest, first, [...rules.entries()]);
}

function except(paths: readonly string[]): PolicyRule[] {
  return paths.length === 0 ? [] : [{ level: 'None', nonResourceURLs: [...paths] }];
}

function withFirst(
  rest: Omit<AuditPolicy, 'rules'>,
  first: readonly PolicyRule[],
  kept: readonly (readonly [number, PolicyRule])[],
): View {
  const places = kept.map(([rule], i) => [i + first.length, rule] as const);
  return {
    policy: { ...rest, rules: [...first, ...kept.map(([, rule]) => rule)] },
    rules: new Map([...places, [-1, -1]]),
  };
}

function hasItems(list: readonly string[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}
