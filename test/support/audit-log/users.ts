import type { TokenUser } from '../../control-plane/credentials.ts';

/** Who does the work of the day. */
export const USERS = {
  /** May do everything, by RBAC. */
  alice: { token: 'alice-token', name: 'alice', groups: ['developers'] },
  /** May do everything, by another group. */
  carol: { token: 'carol-token', name: 'carol@example.com', groups: ['auditors', 'developers'] },
  /** Is known and may do nothing. */
  bob: { token: 'bob-token', name: 'bob', groups: ['guests'] },
} as const satisfies Record<string, TokenUser>;

/** Nobody has this token: 401. */
export const UNKNOWN_TOKEN = 'nobody-has-this-token';
