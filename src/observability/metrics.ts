import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { isKubeError } from '../kube/errors.ts';
import type { ExchangeInfo } from '../kube/http-transport.ts';
import type { ReconcileOutcome } from '../runtime/controller.ts';

/** What is looked up when somebody scrapes, and costs nothing before. */
export interface MetricSources {
  /** Keys that wait in each queue. */
  queueDepths(): Readonly<Record<string, number>>;
  /** How long ago the API server was last heard on each kind, in milliseconds. */
  watchAges(): ReadonlyMap<string, number>;
  /** Clusters in each state; the states are always the same. */
  clusters(): ReadonlyMap<string, number>;
  /** Whether this process does the work. */
  isLeading(): boolean;
}

const RESULTS = { done: 'success', requeued: 'requeued', failed: 'error', aborted: 'aborted' } as const;
const SECONDS = [0.01, 0.1, 1, 10, 60];

/**
 * The metrics of one process. No label names a cluster, a namespace or a user, so that their number does not grow with the fleet, and
 * who may read them learns nothing of whose clusters there are.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reconciles: Counter<'controller' | 'result'>;
  readonly #durations: Histogram<'controller'>;
  readonly #waits: Histogram<'queue'>;
  readonly #requests: Counter<'verb' | 'code'>;
  readonly #repairs: Counter;
  readonly #conflicts: Counter;
  readonly #droppedEvents: Counter;
  #certificate: Gauge | undefined;
  #sources: MetricSources | undefined;

  /** @param version of the program */
  constructor(version: string) {
    const registers = [this.#registry];
    this.#reconciles = new Counter({
      name: 'audit_policy_reconcile_total',
      help: 'Reconciles that have ended, by how: success, requeued (looks again by itself), error, aborted (the process stops).',
      labelNames: ['controller', 'result'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'audit_policy_reconcile_duration_seconds',
      help: 'How long reconciles took.',
      labelNames: ['controller'],
      buckets: SECONDS,
      registers,
    });
    this.#waits = new Histogram({
      name: 'audit_policy_workqueue_latency_seconds',
      help: 'How long keys waited in a queue until a worker took them.',
      labelNames: ['queue'],
      buckets: SECONDS,
      registers,
    });
    this.#requests = new Counter({
      name: 'audit_policy_requests_total',
      help: 'Requests to the API server, by verb and HTTP status; code "none" had no answer. A watch counts when it ends.',
      labelNames: ['verb', 'code'],
      registers,
    });
    this.#repairs = new Counter({
      name: 'audit_policy_drift_repairs_total',
      help: 'ConfigMaps that somebody had changed or deleted, and that were restored.',
      registers,
    });
    this.#conflicts = new Counter({
      name: 'audit_policy_conflicts_total',
      help: 'Times that another writer was found to own what is ours in the HelmRelease values, or to take it out again and again.',
      registers,
    });
    this.#droppedEvents = new Counter({
      name: 'audit_policy_events_dropped_total',
      help: 'Events that were not written.',
      registers,
    });
    new Gauge({
      name: 'audit_policy_build_info',
      help: 'Always 1; the label tells the version.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1);
    this.#addSources();
    this.#addProcess();
  }

  /** Where the numbers come from that are looked up at each scrape; until it is called, there are none. */
  observe(sources: MetricSources): void {
    this.#sources = sources;
  }

  reconciled(controller: string, { durationMs, outcome }: ReconcileOutcome): void {
    this.#reconciles.inc({ controller, result: RESULTS[outcome] });
    this.#durations.observe({ controller }, durationMs / 1000);
  }

  waited(queue: string, waitedMs: number): void {
    this.#waits.observe({ queue }, waitedMs / 1000);
  }

  exchanged({ verb, status, error }: ExchangeInfo): void {
    this.#requests.inc({ verb, code: status === undefined ? 'none' : String(status) });
    if (isKubeError(error, 'Conflict') && error.conflicts.length > 0) this.#conflicts.inc();
  }

  repaired(): void {
    this.#repairs.inc();
  }

  contested(): void {
    this.#conflicts.inc();
  }

  eventDropped(): void {
    this.#droppedEvents.inc();
  }

  /** The certificate that the webhook serves with; to be called again with each new one. */
  certificateExpires(notAfter: Date): void {
    // Not before there is one: 0 would be taken for one that has expired.
    this.#certificate ??= new Gauge({
      name: 'audit_policy_webhook_certificate_expiry_timestamp_seconds',
      help: "When the webhook's certificate expires, Unix time.",
      registers: [this.#registry],
    });
    this.#certificate.set(notAfter.getTime() / 1000);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All of it, in Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  #addSources(): void {
    this.#gauge('audit_policy_workqueue_depth', 'Keys that wait for a worker.', 'queue', (sources) =>
      Object.entries(sources.queueDepths()),
    );
    this.#gauge(
      'audit_policy_watch_age_seconds',
      'How long ago the API server was last heard on a watch of this kind; a bookmark comes about every minute.',
      'kind',
      (sources) => [...sources.watchAges()].map(([kind, ageMs]) => [kind, ageMs / 1000]),
    );
    this.#gauge(
      'audit_policy_clusters',
      'ClusterDeployments by the reason of their condition ClusterAuditPolicyReady.',
      'state',
      (sources) => [...sources.clusters()],
    );
    const leader: Gauge = new Gauge({
      name: 'audit_policy_leader',
      help: '1 while this process does the work, 0 while it stands by.',
      registers: [this.#registry],
      collect: () => leader.set(this.#sources?.isLeading() === true ? 1 : 0),
    });
  }

  #addProcess(): void {
    const memory: Gauge = new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory.',
      registers: [this.#registry],
      collect: () => memory.set(process.memoryUsage.rss()),
    });
    const lag: Gauge = new Gauge({
      name: 'nodejs_eventloop_lag_seconds',
      help: 'How long the event loop took to come round, measured at the scrape.',
      registers: [this.#registry],
      collect: async () => {
        const startedAt = performance.now();
        await new Promise((resolve) => setImmediate(resolve));
        lag.set((performance.now() - startedAt) / 1000);
      },
    });
  }

  #gauge(
    name: string,
    help: string,
    label: string,
    look: (sources: MetricSources) => readonly (readonly [value: string, count: number])[],
  ): void {
    const gauge = new Gauge<string>({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        const found = this.#sources === undefined ? [] : look(this.#sources);
        for (const [value, count] of found) gauge.set({ [label]: value }, count);
      },
    });
  }
}
