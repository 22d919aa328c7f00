import type { PolicyRule } from '../types.ts';

/** A set of requests, in the terms of a rule: what a rule with these conditions would match. */
export interface RequestPattern extends Partial<
  Pick<PolicyRule, 'users' | 'userGroups' | 'verbs' | 'resources' | 'namespaces' | 'nonResourceURLs'>
> {
  /**
   * Only requests with a user, and that user in `system:authenticated` or `system:unauthenticated`, as kube-apiserver sees
   * to. Without it a pattern covers requests with no user (failed authentication) and users in no group at all, too.
   */
  isIdentified?: boolean;
  /** Only requests without a user, those of a failed authentication. */
  isOfNobody?: boolean;
}

export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';
export const ANONYMOUS = 'system:anonymous';
