import { readFileSync } from 'node:fs';
import { UsageError, type Io } from './io.ts';

const OF_THE_POD = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/**
 * The namespace that the operator itself lives in, where its Lease and its Secret are.
 * @throws UsageError when nothing tells it
 */
export function ownNamespace({ namespace }: { namespace?: string }, { env }: Pick<Io, 'env'>): string {
  const found = namespace ?? env.POD_NAMESPACE ?? '';
  if (found !== '') return found;
  try {
    return readFileSync(OF_THE_POD, 'utf8').trim();
  } catch {
    throw new UsageError('the own namespace is not known: give --namespace, or set POD_NAMESPACE.');
  }
}
