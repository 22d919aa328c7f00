import { setMaxListeners } from 'node:events';
import { FIELD_MANAGER } from '../api/names.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { withLogFields } from '../observability/log-scope.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { Tally } from '../observability/tally.ts';
import type { PlanSettings } from '../plan/types.ts';
import type { Clock } from '../runtime/clock.ts';
import { Controller, type Reconcile, type ReconcileOutcome } from '../runtime/controller.ts';
import type { Random } from '../runtime/random.ts';
import { EventRecorder } from '../runtime/recorder.ts';
import { WorkQueue } from '../runtime/workqueue.ts';
import type { Cache } from './cache.ts';
import { ChangeSlots } from './cluster/change-slots.ts';
import { ClusterReconciler } from './cluster/reconcile.ts';
import { enqueueOnChange } from './enqueue.ts';
import { eventSink } from './event-sink.ts';
import { PolicyReconciler } from './policy/reconcile.ts';
import { enqueueReports } from './report/enqueue.ts';
import { ReportReconciler } from './report/reconcile.ts';
import { forgetOldRevisions } from './revisions/reconcile.ts';

/** What the controllers need, whoever has them run. */
export interface WorkOptions {
  clock: Clock;
  random: Random;
  logger: Logger;
  settings: PlanSettings;
  /** Clusters reconciled at the same time. */
  workers: number;
  /** Unused contents kept in a namespace. */
  revisionHistoryLimit: number;
  /** How often the counts in the status of a policy are written. Default 30,000. */
  countIntervalMs?: number;
  /** Names this process in Events. */
  instance: string;
  /** Told how each reconcile of a controller (`clusters`, `policies`, `revisions`) ended. */
  onOutcome?: (controller: string, outcome: ReconcileOutcome) => void;
  metrics?: Metrics;
}

export interface TermOptions extends WorkOptions {
  /** The client for the writes of the controllers, which may refuse them when this process does not lead. */
  client: KubeClient;
  cache: Cache;
  /** How long unsent Events are tried after the stop, in milliseconds. Default: the recorder's. */
  flushTimeoutMs?: number;
  /** How long the work under way has after the stop, in milliseconds. Default: the controllers'. */
  drainTimeoutMs?: number;
}

/** What happens again and again is told in one line a minute. */
const TELL_EVERY_MS = 60_000;
const POLICY_WORKERS = 4;
const REPORT_WORKERS = 4;

/**
 * The controllers for one time of leading. A term knows nothing of an earlier one: it begins with every object of the
 * cache, as a process does that has just started.
 */
export class Term {
  readonly #queues: Record<'clusters' | 'policies' | 'revisions' | 'reports', WorkQueue>;
  readonly #controllers: readonly Controller[];
  readonly #recorder: EventRecorder;
  readonly #slots: ChangeSlots;
  readonly #tallies: readonly Tally[];
  readonly #ended = new AbortController();

  constructor(options: TermOptions) {
    const { cache, client, clock, random, logger, metrics, settings } = options;
    const until = this.#ended.signal;
    // One for each listener of the cache.
    setMaxListeners(0, until);
    const dropped = new Tally(clock, TELL_EVERY_MS, (why, count) =>
      logger.warn({ why, count }, 'events dropped'),
    );
    const unreachable = new Tally(clock, TELL_EVERY_MS, (controller, count) =>
      logger.error({ controller, count }, 'reconciles failed: the API server cannot be reached'),
    );
    this.#tallies = [dropped, unreachable];
    const queue = (name: string) =>
      new WorkQueue({
        clock,
        random,
        maxDelayMs: 300_000,
        onWaited: (waitedMs) => metrics?.waited(name, waitedMs),
      });
    const queues = {
      clusters: queue('clusters'),
      policies: queue('policies'),
      revisions: queue('revisions'),
      reports: queue('reports'),
    };
    this.#queues = queues;
    const recorder = new EventRecorder({
      sink: eventSink(client),
      clock,
      random,
      component: FIELD_MANAGER,
      instance: options.instance,
      // One for each cluster of the largest fleet, and some.
      capacity: 20_000,
      isBusy: () => queues.clusters.length > 0,
      flushTimeoutMs: options.flushTimeoutMs,
      onError: (error) => logger.debug({ err: error }, 'event not written'),
      onDropped: ({ why }) => {
        metrics?.eventDropped();
        dropped.add(why);
      },
    });
    this.#recorder = recorder;
    const controller = (name: keyof typeof queues, workers: number, reconcile: Reconcile) =>
      new Controller({
        name,
        queue: queues[name],
        workers,
        reconcile,
        clock,
        ...(options.drainTimeoutMs === undefined ? {} : { drainTimeoutMs: options.drainTimeoutMs }),
        within: (work) => withLogFields({ reconcile: shortId(random) }, work),
        onOutcome: (outcome) => {
          metrics?.reconciled(name, outcome);
          options.onOutcome?.(name, outcome);
        },
        onFailure: ({ key, error, retryInMs, failures }) => {
          const isUnreachable = isKubeError(error, 'Network', 'Timeout');
          if (isUnreachable) unreachable.add(name);
          const level = isUnreachable ? 'debug' : failures > 3 ? 'error' : 'warn';
          logger[level]({ controller: name, key, err: error, failures, retryInMs }, 'reconcile failed');
        },
      });
    const wake = (key: string) => queues.clusters.add(key);
    const slots = new ChangeSlots({ cache, clock, settings, wake, until });
    this.#slots = slots;
    const tell = { repaired: () => metrics?.repaired(), contested: () => metrics?.contested() };
    const common = { client, cache, recorder, settings, clock, logger };
    const clusters = new ClusterReconciler({ ...common, slots, tell, until });
    const policies = new PolicyReconciler({ ...options, cache, recorder });
    const { assumedVersion } = settings;
    const reports = new ReportReconciler({ client, cache, assumedVersion, clock, random, logger });
    const revisions = { client, cache, limit: options.revisionHistoryLimit };
    this.#controllers = [
      controller('clusters', options.workers, (key, stop) => clusters.reconcile(key, stop)),
      controller('policies', POLICY_WORKERS, (key, stop) => policies.reconcile(key, stop)),
      controller('reports', REPORT_WORKERS, (key, stop) => reports.reconcile(key, stop)),
      controller('revisions', 1, (namespace, stop) => forgetOldRevisions(revisions, namespace, stop)),
    ];
    enqueueOnChange(cache, queues, until);
    enqueueReports(cache, queues.reports, until);
  }

  /** Keys that wait in each queue. */
  queueDepths(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#queues).map(([name, queue]) => [name, queue.length]));
  }

  /**
   * Works until `stop` is aborted, and then lets the work under way end; or until `lost` is, which ends that, too.
   * @param lost nothing may be written any more
   */
  async run(stop: AbortSignal, lost?: AbortSignal): Promise<void> {
    const recording = this.#recorder.run(this.#ended.signal);
    try {
      await Promise.all(this.#controllers.map((controller) => controller.run(stop, lost)));
    } finally {
      this.#slots.close();
      this.#ended.abort(new Error('the term has ended'));
      await recording;
      for (const tally of this.#tallies) tally.flush();
    }
  }
}

/** Eight digits: enough to find the lines of one reconcile among those of a day. */
function shortId(random: Random): string {
  return Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
}
