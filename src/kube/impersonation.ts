import type { Connection } from './connection.ts';

/** In whose name requests are sent. */
export interface Impersonation {
  readonly user: string;
  /** Groups of that user; the API server adds `system:authenticated` by itself. */
  readonly groups: readonly string[];
}

/** The same connection in another's name; the API server decides whether the caller may (verb `impersonate`). */
export function impersonating(connection: Connection, { user, groups }: Impersonation): Connection {
  return {
    ...connection,
    credentials: async (isRefused) => {
      const credentials = await connection.credentials(isRefused);
      const headers = {
        ...credentials.headers,
        'impersonate-user': user,
        ...(groups.length > 0 ? { 'impersonate-group': [...groups] } : {}),
      };
      return { ...credentials, headers };
    },
  };
}
