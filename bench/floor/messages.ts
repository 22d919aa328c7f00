import type { KubeObject } from '../../test/support/api.ts';
import type { BenchPolicy } from '../fleet/policies.ts';
import type { BareRequest, Connection } from './bare-client.ts';

/** What the worker of the cold floor is given: the writes of each cluster, in order. */
export interface ColdWork {
  connection: Connection;
  clusters: BareRequest[][];
  inFlight: number;
}

/** What the worker of the floor's change is given. */
export interface ChangeWork {
  connection: Connection;
  namespace: string;
  /** The HelmReleases of the clusters that will change. */
  releases: KubeObject[];
  policies: readonly BenchPolicy[];
}

/** What a floor's worker says. */
export type FromWorker = { type: 'ready' } | { type: 'done'; cpuSeconds: number };
/** What a floor's worker is told. */
export type ToWorker = 'go' | 'stop';
