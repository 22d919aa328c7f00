import { stringAt } from '../api/json.ts';
import type { Connection } from '../kube/connection.ts';
import { KubeConfigError, loadConnection } from '../kube/kubeconfig.ts';
import { UsageError, type Io } from './io.ts';

/** Finds the API server as kubectl does. @throws UsageError naming the kubeconfig */
export function connectionOf(
  { kubeconfig, context }: { kubeconfig?: string; context?: string },
  { env }: Pick<Io, 'env'>,
): Connection {
  try {
    return loadConnection({ path: kubeconfig, context, env });
  } catch (error) {
    if (error instanceof KubeConfigError) throw new UsageError(`${error.message}.`);
    throw error;
  }
}

/**
 * A file that the kubeconfig names and that is not there will not appear by waiting; anything else may pass.
 * @throws UsageError
 */
export async function requireCredentials(connection: Connection): Promise<void> {
  try {
    await connection.credentials(false);
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EISDIR'].includes(stringAt(error, 'code') ?? '')) return;
    throw new UsageError(`the kubeconfig's credentials cannot be read: ${stringAt(error, 'message') ?? ''}.`);
  }
}

/** Without the user and password that an URL may have. */
export function addressOf({ server }: Connection): string {
  return server.origin + server.pathname;
}
