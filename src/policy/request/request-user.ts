import type { RequestAttributes } from '../evaluate.ts';

/** Who sends a request. */
export type RequestUser = Pick<RequestAttributes, 'user' | 'groups'>;

/** A user whom no rule names, for who asks about "anybody". */
export const SOMEONE = 'someone';

/** A request whose authentication failed (401): it has no user and no groups. */
export const NO_USER: RequestUser = { user: null, groups: [] };

const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;

/**
 * A user with the groups that kube-apiserver adds by itself: every user who has authenticated is in `system:authenticated`, the
 * anonymous one in `system:unauthenticated`, a service account in those of all and of its namespace.
 */
export function withImpliedGroups(user: string, groups: readonly string[]): RequestUser {
  const namespace = SERVICE_ACCOUNT.exec(user)?.[1];
  const implied = [
    ...(namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]),
    ...(groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED)
      ? []
      : [user === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED]),
  ];
  return { user, groups: [...new Set([...groups, ...implied])] };
}
