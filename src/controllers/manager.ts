import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import type { Logger } from '../observability/logger.ts';
import { Tally } from '../observability/tally.ts';
import type { PlanSettings } from '../plan/types.ts';
import type { Clock } from '../runtime/clock.ts';
import { Controller, type Reconcile, type ReconcileOutcome } from '../runtime/controller.ts';
import type { Random } from '../runtime/random.ts';
import { EventRecorder } from '../runtime/recorder.ts';
import { WorkQueue } from '../runtime/workqueue.ts';
import { Cache } from './cache.ts';
import { ChangeSlots } from './cluster/change-slots.ts';
import { ClusterReconciler } from './cluster/reconcile.ts';
import { enqueueOnChange } from './enqueue.ts';
import { eventSink } from './event-sink.ts';
import { PolicyReconciler } from './policy/reconcile.ts';
import { enqueueReports } from './report/enqueue.ts';
import { ReportReconciler } from './report/reconcile.ts';
import { forgetOldRevisions } from './revisions/reconcile.ts';
import { FIELD_MANAGER } from '../api/names.ts';
import type { ServiceFactory } from './service.ts';

export interface ManagerOptions {
  client: KubeClient;
  clock: Clock;
  random: Random;
  logger: Logger;
  settings: PlanSettings;
  /** Clusters reconciled at the same time. */
  workers: number;
  /** Unused contents kept in a namespace. */
  revisionHistoryLimit: number;
  /** Watch one namespace only; all of them when absent. */
  namespace?: string;
  /** How often the counts in the status of a policy are written. Default 30,000. */
  countIntervalMs?: number;
  /** Names this process in Events. */
  instance: string;
  /** Told how each reconcile of a controller (`clusters`, `policies`, `revisions`) ended. */
  onOutcome?: (controller: string, outcome: ReconcileOutcome) => void;
  /** What runs on every replica, beside the controllers. */
  services?: readonly ServiceFactory[];
}

/** What happens again and again is told in one line a minute. */
const TELL_EVERY_MS = 60_000;
const POLICY_WORKERS = 4;
const REPORT_WORKERS = 4;

/**
 * Runs all controllers until `signal` is aborted: first everything is read once, then the work begins; on the way out
 * the work under way is finished before the watches end.
 */
export async function runManager(options: ManagerOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, random, logger, settings } = options;
  const cache = new Cache(options);
  const dropped = new Tally(clock, TELL_EVERY_MS, (why, count) =>
    logger.warn({ why, count }, 'events dropped'),
  );
  const unreachable = new Tally(clock, TELL_EVERY_MS, (controller, count) =>
    logger.error({ controller, count }, 'reconciles failed: the API server cannot be reached'),
  );
  const recorder = new EventRecorder({
    sink: eventSink(client),
    clock,
    random,
    component: FIELD_MANAGER,
    instance: options.instance,
    // One for each cluster of the largest fleet, and some.
    capacity: 20_000,
    isBusy: () => queues.clusters.length > 0,
    onError: (error) => logger.debug({ err: error }, 'event not written'),
    onDropped: ({ why }) => dropped.add(why),
  });
  const queues = {
    clusters: new WorkQueue({ clock, random, maxDelayMs: 300_000 }),
    policies: new WorkQueue({ clock, random, maxDelayMs: 300_000 }),
    revisions: new WorkQueue({ clock, random, maxDelayMs: 300_000 }),
    reports: new WorkQueue({ clock, random, maxDelayMs: 300_000 }),
  };
  const controller = (name: keyof typeof queues, workers: number, reconcile: Reconcile) =>
    new Controller({
      name,
      queue: queues[name],
      workers,
      reconcile,
      clock,
      onOutcome: (outcome) => options.onOutcome?.(name, outcome),
      onFailure: ({ key, error, retryInMs, failures }) => {
        const isUnreachable = isKubeError(error, 'Network', 'Timeout');
        if (isUnreachable) unreachable.add(name);
        const level = isUnreachable ? 'debug' : failures > 3 ? 'error' : 'warn';
        logger[level]({ controller: name, key, err: error, failures, retryInMs }, 'reconcile failed');
      },
    });
  const slots = new ChangeSlots({ cache, clock, settings, wake: (key) => queues.clusters.add(key) });
  const clusters = new ClusterReconciler({ client, cache, recorder, settings, clock, logger, slots });
  const policies = new PolicyReconciler({ ...options, cache, recorder });
  const { assumedVersion } = settings;
  const reports = new ReportReconciler({ client, cache, assumedVersion, clock, random, logger });
  const revisions = { client, cache, limit: options.revisionHistoryLimit };
  const controllers = [
    controller('clusters', options.workers, (key, stop) => clusters.reconcile(key, stop)),
    controller('policies', POLICY_WORKERS, (key, stop) => policies.reconcile(key, stop)),
    controller('reports', REPORT_WORKERS, (key, stop) => reports.reconcile(key, stop)),
    controller('revisions', 1, (namespace, stop) => forgetOldRevisions(revisions, namespace, stop)),
  ];

  enqueueOnChange(cache, queues);
  enqueueReports(cache, queues.reports);
  // The watches outlive the signal: work under way still needs its own writes to be seen.
  const watches = new AbortController();
  const watching = cache.run(watches.signal);
  const recording = recorder.run(watches.signal);
  const context = { cache, client, clock, random, logger };
  const failed = new AbortController();
  const serving = Promise.all((options.services ?? []).map((create) => create(context).run(watches.signal)));
  serving.catch((error: unknown) => failed.abort(error));
  const stop = AbortSignal.any([signal, failed.signal]);
  try {
    const isUp = await untilReady(cache, logger, stop);
    if (isUp) await Promise.all(controllers.map((each) => each.run(stop)));
  } finally {
    slots.close();
    watches.abort(new Error('the manager has stopped'));
    await Promise.all([watching, recording, serving]);
    for (const tally of [dropped, unreachable]) tally.flush();
    logger.info('stopped');
  }
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

/** Says what the CRDs allow, now and whenever that changes: KCM may come, go or be upgraded. */
function announceMode(cache: Cache, logger: Logger): void {
  let said = '';
  const announce = () => {
    const mode = modeOf(cache);
    if (mode === said) return;
    said = mode;
    logger.info({ mode }, MODES[mode]);
  };
  cache.crds.subscribe(announce);
  announce();
}

const MODES = {
  writer: 'no KCM: the operator writes for every cluster',
  observer: 'KCM runs here: the operator only observes the clusters whose HelmReleases KCM manages',
  impossible:
    'the ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10), so no cluster can name a policy: upgrade KCM to 1.10 or newer',
} as const;

function modeOf(cache: Cache): keyof typeof MODES {
  if (cache.referenceIsPruned) return 'impossible';
  return cache.kcmPresent ? 'observer' : 'writer';
}
