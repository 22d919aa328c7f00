import { FIELD_MANAGER } from '../api/names.ts';
import { KubeClient } from '../kube/client.ts';
import type { Connection } from '../kube/connection.ts';
import { isKubeError } from '../kube/errors.ts';
import { impersonating } from '../kube/impersonation.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { ServerClock } from '../runtime/server-clock.ts';
import type { ConnectionOptions, ScopeOptions } from './connection-options.ts';
import { UsageError, type Io } from './io.ts';
import { VERSION } from './version.ts';

/** A connection to one management cluster, for the time of one command. */
export interface Session {
  client: KubeClient;
  /** Keeps the API server's time. */
  clock: Clock;
  /** The server's URL, for people. */
  address: string;
  /** Of the kubeconfig's context, or of the Pod; `default` when it names none. */
  namespace: string;
}

const MAX_IN_FLIGHT = 32;

/**
 * Connects, works and closes. A request that fails is the user's to know.
 * @throws UsageError when there is no usable kubeconfig, or a request of `work` failed
 */
export async function withSession<T>(
  options: ConnectionOptions,
  io: Io,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  // What reads kubeconfigs and speaks TLS is the heaviest that there is to load, and a command's help needs none of it.
  const { addressOf, connectionOf, requireCredentials } = await import('./connect.ts');
  const { HttpTransport } = await import('../kube/http-transport.ts');
  const connection = asWhom(options, connectionOf(options, io));
  await requireCredentials(connection);
  const clock = new ServerClock(systemClock);
  const transport = new HttpTransport({
    connection,
    clock,
    onDate: (date) => clock.hear(date),
    random: Math.random,
    userAgent: `${FIELD_MANAGER}/${VERSION}`,
    maxInFlight: MAX_IN_FLIGHT,
  });
  const client = new KubeClient({ transport, fieldManager: FIELD_MANAGER });
  const address = addressOf(connection);
  try {
    return await work({ client, clock, address, namespace: connection.namespace ?? 'default' });
  } catch (error) {
    if (!isKubeError(error)) throw error;
    const where = error.status === undefined ? `cannot reach the API server at ${address}: ` : '';
    throw new UsageError(`${where}${error.message.replace(/\.$/, '')}.`);
  } finally {
    transport.close();
  }
}

/** The namespace that is meant; undefined for all of them. */
export function scopeOf(
  { namespace, allNamespaces }: ScopeOptions,
  session: Pick<Session, 'namespace'>,
): string | undefined {
  return allNamespaces === true ? undefined : (namespace ?? session.namespace);
}

function asWhom({ as, asGroup = [] }: ConnectionOptions, connection: Connection): Connection {
  if (as === undefined && asGroup.length > 0) throw new UsageError('--as-group needs --as.');
  return as === undefined ? connection : impersonating(connection, { user: as, groups: asGroup });
}
