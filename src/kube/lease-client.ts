import { isKubeError } from './errors.ts';
import { createListWatcher } from './list-watch.ts';
import { apiVersionOf, collectionPath, objectPath } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Transport } from './transport.ts';
import type { LeaseClient, LeaseRecord, StoredLease } from '../runtime/lease.ts';

const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

const watchTimeoutSeconds = 300;

/** What a client of one Lease is made of. */
export interface KubeLeaseClientOptions {
  /** One of its own: a renewal must not wait behind other requests. */
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  readonly fieldManager: string;
}

/** The Lease of coordination.k8s.io that an elector is about. Its methods reject with `KubeError`. */
export function createLeaseClient({
  transport,
  namespace,
  name,
  fieldManager,
}: KubeLeaseClientOptions): LeaseClient {
  const path = objectPath(LEASES, { namespace, name });
  // The elector has a rhythm of its own.
  const call = { isRetried: false } as const;
  const write = async (
    request: { method: 'POST' | 'PUT'; path: string },
    record: LeaseRecord,
    resourceVersion: string | undefined,
    signal: AbortSignal,
  ): Promise<StoredLease> => {
    const body = {
      apiVersion: apiVersionOf(LEASES),
      kind: LEASES.kind,
      metadata: { namespace, name, resourceVersion },
      spec: specOf(record),
    };
    const response = await transport.request({ ...call, ...request, query: { fieldManager }, body, signal });
    return readLease(response.body);
  };
  return {
    async read(signal) {
      try {
        const response = await transport.request({ ...call, method: 'GET', path, signal });
        return readLease(response.body);
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    create: (record, signal) =>
      write({ method: 'POST', path: collectionPath(LEASES, namespace) }, record, undefined, signal),
    update: (record, before, signal) =>
      write({ method: 'PUT', path }, record, before.resourceVersion, signal),
    watch: (onChange, signal) =>
      createListWatcher(transport, LEASES, { namespace, fieldSelector: `metadata.name=${name}` }).watch({
        // From the state now: a first event tells it, if there is a Lease.
        resourceVersion: undefined,
        sendInitialEvents: false,
        timeoutSeconds: watchTimeoutSeconds,
        signal,
        onOpen: () => undefined,
        onBytes: () => undefined,
        onEvent: (type, object) => {
          if (type === 'DELETED') onChange(undefined);
          else if (type !== 'BOOKMARK') onChange(readLease(object));
        },
      }),
  };
}

function specOf({ holder, durationMs, acquiredAt, renewedAt, transitions }: LeaseRecord): object {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: microTime(acquiredAt),
    renewTime: microTime(renewedAt),
    leaseTransitions: transitions,
  };
}

/** What others have written is data: what is missing or odd counts as empty or 0. */
function readLease(raw: unknown): StoredLease {
  const { metadata, spec } = asRecord(raw);
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = asRecord(spec);
  const { resourceVersion } = asRecord(metadata);
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    durationMs: countOf(leaseDurationSeconds) * 1000,
    acquiredAt: epochOf(acquireTime),
    renewedAt: epochOf(renewTime),
    transitions: countOf(leaseTransitions),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
  };
}

/** MicroTime wants six digits. */
function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}

function epochOf(value: unknown): number {
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(epochMs) ? 0 : epochMs;
}

function countOf(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
