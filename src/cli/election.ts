import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { FIELD_MANAGER } from '../api/names.ts';
import type { ManagerOptions } from '../controllers/manager.ts';
import { createLeaseClient } from '../kube/lease-client.ts';
import type { Transport } from '../kube/transport.ts';
import type { LeaderOptions } from './leader-options.ts';

/**
 * What `runManager` needs to lead only while it holds the Lease.
 * @param namespace of the Lease
 */
export function electionOf(
  options: LeaderOptions,
  namespace: string,
  transport: Transport,
): NonNullable<ManagerOptions['election']> {
  return {
    leases: createLeaseClient({
      transport,
      namespace,
      name: options.leaderElectionId,
      fieldManager: FIELD_MANAGER,
    }),
    // A container that has been restarted has the same host name, and must not take itself for the one before.
    identity: `${hostname()}_${randomUUID()}`,
    leaseDurationMs: options.leaseDuration,
    renewDeadlineMs: options.renewDeadline,
    retryPeriodMs: options.retryPeriod,
  };
}
