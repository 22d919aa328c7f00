import { runManager } from '../../src/controllers/manager.ts';
import { KubeClient, type WriteRequest } from '../../src/kube/client.ts';
import { HttpTransport, type ExchangeInfo } from '../../src/kube/http-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { createLogger, type Logger } from '../../src/observability/logger.ts';
import type { PlanSettings } from '../../src/plan/types.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { ServerClock } from '../../src/runtime/server-clock.ts';
import type { ReconcileOutcome } from '../../src/runtime/controller.ts';
import { sharedOperatorKubeconfig } from './api.ts';

export interface OperatorOptions {
  namespace: string;
  /** Watches these as well, each by watches of its own. */
  alsoNamespaces?: readonly string[];
  /** Watches all namespaces, which wants a server of its own. */
  isEverywhere?: boolean;
  kubeconfig?: string;
  settings?: Partial<PlanSettings>;
  revisionHistoryLimit?: number;
  dryRun?: boolean;
  /** Default: so long that no test sees a status written for its counts alone. */
  countIntervalMs?: number;
  clock?: Clock;
  /** Silent when absent, unless AUDIT_POLICY_TEST_LOG names a level. */
  logger?: Logger;
}

/** The operator, running in this process against a real API server, and everything that it sent. */
export interface RunningOperator {
  /** Every write, in the order in which it was sent; in a dry run what would have been. */
  readonly writes: readonly WriteRequest[];
  /** Every request that has ended. */
  readonly exchanges: readonly ExchangeInfo[];
  /** How each reconcile of a cluster ended; the key is `namespace/name`. */
  readonly outcomes: readonly ReconcileOutcome[];
  /** Resolves when the work under way is done and all connections are closed. */
  stop(): Promise<void>;
}

const DEFAULTS: PlanSettings = {
  assumedVersion: { major: 1, minor: 34 },
  rollDeadlineMs: 30 * 60_000,
  configMapRetentionMs: 60 * 60_000,
  lookAgainMs: 60_000,
  maxConcurrentChanges: 10,
};

/** Starts the operator as `manager` would, on one namespace, so that test files can share a server. */
export function startOperator(options: OperatorOptions): RunningOperator {
  const { namespace, kubeconfig = sharedOperatorKubeconfig(), settings = {} } = options;
  const { clock = new ServerClock(systemClock) } = options;
  const writes: WriteRequest[] = [];
  const exchanges: ExchangeInfo[] = [];
  const outcomes: ReconcileOutcome[] = [];
  const transport = new HttpTransport({
    connection: loadConnection({ path: kubeconfig, env: {} }),
    clock,
    random: Math.random,
    userAgent: 'audit-policy-operator/test',
    onExchange: (info) => exchanges.push(info),
    onDate: (date) => {
      if (clock instanceof ServerClock) clock.hear(date);
    },
  });
  const client = new KubeClient({
    transport,
    fieldManager: 'audit-policy-operator',
    dryRun: options.dryRun === true ? 'client' : 'none',
    onWrite: (write) => writes.push(write),
  });
  const stop = new AbortController();
  const done = runManager(
    {
      client,
      clock,
      random: Math.random,
      logger: options.logger ?? createLogger(process.env.AUDIT_POLICY_TEST_LOG ?? 'silent'),
      settings: { ...DEFAULTS, ...settings },
      workers: 8,
      revisionHistoryLimit: options.revisionHistoryLimit ?? 10,
      namespaces: options.isEverywhere === true ? [] : [namespace, ...(options.alsoNamespaces ?? [])],
      instance: 'test',
      countIntervalMs: options.countIntervalMs ?? 3_600_000,
      onOutcome: (controller, outcome) => {
        if (controller === 'clusters') outcomes.push(outcome);
      },
    },
    stop.signal,
  );
  return {
    writes,
    exchanges,
    outcomes,
    async stop() {
      stop.abort(new Error('the test is over'));
      await done;
      transport.close();
    },
  };
}
