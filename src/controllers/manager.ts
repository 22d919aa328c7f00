import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import type { Logger } from '../observability/logger.ts';
import type { Readiness } from '../observability/readiness.ts';
import { Tally } from '../observability/tally.ts';
import { abortReason } from '../runtime/clock.ts';
import { LeaderElector, type LeaderElectorOptions, type Leadership } from '../runtime/leader-election.ts';
import { announceMode } from './announce-mode.ts';
import { Cache } from './cache.ts';
import { countByState } from './cluster-states.ts';
import type { ServiceContext, ServiceFactory } from './service.ts';
import { Term, type WorkOptions } from './term.ts';

export interface ManagerOptions extends WorkOptions {
  client: KubeClient;
  /** Watch these namespaces only; all of them when absent or empty. */
  namespaces?: readonly string[];
  /** What runs on every replica, beside the controllers. */
  services?: readonly ServiceFactory[];
  /** Work only while this process leads; absent: it is the only one. */
  election?: Pick<
    LeaderElectorOptions,
    'leases' | 'identity' | 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'
  >;
  /** Is told what must be ready. */
  readiness?: Readiness;
}

const TELL_EVERY_MS = 60_000;
/** Another process waits for the lease: it is given back within a second. What is cut short, the other finishes. */
const ELECTED = { drainTimeoutMs: 600, flushTimeoutMs: 300 };

/**
 * Runs everything until `signal` is aborted. On every replica: the cache, and the services. First everything is read once, then the
 * work begins, as soon as this process leads; on the way out the work under way is finished before the watches end.
 */
export async function runManager(options: ManagerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, random, logger, metrics, readiness } = options;
  const cache = new Cache(options);
  readiness?.add('cache', () => cache.isReady);
  let term: Term | undefined;
  metrics?.observe({
    queueDepths: () => term?.queueDepths() ?? {},
    watchAges: () => cache.watchAges(),
    clusters: () => countByState(cache.deployments.list()),
    isLeading: () => term !== undefined,
  });
  const work = async (writer: KubeClient, stop: AbortSignal, leadership?: Leadership): Promise<void> => {
    if (leadership !== undefined) cache.takeOver(leadership.resourceVersion);
    const limits = leadership === undefined ? {} : ELECTED;
    term = new Term({ ...options, ...limits, client: writer, cache });
    await term.run(stop, leadership?.lost).finally(() => (term = undefined));
  };

  // The watches outlive the signal: work under way still needs its own writes to be seen.
  const watches = new AbortController();
  const watching = cache.run(watches.signal);
  const failed = new AbortController();
  const context = { cache, client, clock, random, logger, ...(metrics ? { metrics } : {}) };
  const serving = serve(options, context, watches.signal);
  serving.catch((error: unknown) => failed.abort(error));
  const stop = AbortSignal.any([signal, failed.signal]);
  try {
    const isUp = await untilReady(cache, logger, stop);
    if (isUp && options.election === undefined) await work(client, stop);
    if (isUp && options.election !== undefined) {
      const { elector, flush } = electorOf(options, options.election);
      const writer = client.guarded(() => requireLease(elector));
      await elector.run((leadership) => lead(logger, leadership, () => work(writer, stop, leadership)), stop);
      flush();
    }
  } finally {
    watches.abort(new Error('the manager has stopped'));
    await Promise.all([watching, serving]);
    logger.info('stopped');
  }
}

/** All services at once; rejects with the first that fails. */
async function serve(
  { readiness, services = [] }: ManagerOptions,
  context: ServiceContext,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    services.map(async (create) => {
      const service = create(context);
      readiness?.add(service.name, () => service.isReady());
      await service.run(signal);
    }),
  );
}

function electorOf(
  { clock, random, logger }: ManagerOptions,
  election: NonNullable<ManagerOptions['election']>,
): { elector: LeaderElector; flush: () => void } {
  const errors = new Tally(clock, TELL_EVERY_MS, (error, count) =>
    logger.warn({ error, count }, 'the lease could not be read or renewed'),
  );
  const elector = new LeaderElector({
    ...election,
    clock,
    random,
    onError: (error) => errors.add(error instanceof Error ? error.message : String(error)),
    onHolder: (holder) => {
      if (holder !== election.identity) logger.info({ holder }, 'another process leads');
    },
  });
  return { elector, flush: () => errors.flush() };
}

async function lead(logger: Logger, { lost }: Leadership, work: () => Promise<void>): Promise<void> {
  logger.info('leading');
  await work();
  if (lost.aborted)
    logger.error({ reason: abortReason(lost).message }, 'no longer leading: the lease was lost');
  else logger.info('no longer leading');
}

/** A write that is sent while another process may lead could undo what that one has done. */
function requireLease(elector: LeaderElector): void {
  if (elector.isHeld()) return;
  throw new KubeError({
    code: 'Aborted',
    message: 'not sent: this process does not hold the lease for sure',
  });
}

/** @returns false when the signal came first */
async function untilReady(cache: Cache, logger: Logger, signal: AbortSignal): Promise<boolean> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const notServed = await Promise.race([cache.ready(), aborted]);
  if (notServed === undefined) return false;
  if (notServed.length > 0) {
    logger.warn({ kinds: notServed }, 'not served yet; asked for again from time to time');
  }
  logger.info({ clusters: cache.deployments.size, policies: cache.policies.size }, 'ready');
  announceMode(cache, logger);
  return true;
}
