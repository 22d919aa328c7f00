import type { KubeClient } from '../kube/client.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { Cache } from './cache.ts';

/** Something that runs on every replica beside the controllers, whether it leads or not: a server, most of the time. */
export interface Service {
  /** For logs and the answer of `/readyz`. */
  readonly name: string;
  /** Whether it does its work now. */
  isReady(): boolean;
  /**
   * Runs until `signal` is aborted, which is when the controllers have ended. When it rejects, the process ends.
   */
  run(signal: AbortSignal): Promise<void>;
}

/** What a service is made of. Its client may write at any time: no lease stands before it. */
export interface ServiceContext {
  cache: Cache;
  client: KubeClient;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics?: Metrics;
}

export type ServiceFactory = (context: ServiceContext) => Service;
