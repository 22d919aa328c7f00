import { hostname } from 'node:os';
import { stringAt } from '../api/json.ts';
import { FIELD_MANAGER } from '../api/names.ts';
import { runManager } from '../controllers/manager.ts';
import { KubeClient } from '../kube/client.ts';
import { HttpTransport, type ExchangeInfo } from '../kube/http-transport.ts';
import { createLogger, type Logger } from '../observability/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { Readiness } from '../observability/readiness.ts';
import { systemClock } from '../runtime/clock.ts';
import { keepHeapLean } from '../runtime/lean-heap.ts';
import { ServerClock } from '../runtime/server-clock.ts';
import { addressOf, connectionOf, requireCredentials } from './connect.ts';
import { describeWrite } from './dry-run-log.ts';
import { electionOf } from './election.ts';
import { endpointServices } from './endpoints.ts';
import { UsageError, type Io } from './io.ts';
import { checkLeaderOptions } from './leader-options.ts';
import type { ManagerOptions } from './manager-options.ts';
import { ownNamespace } from './own-namespace.ts';
import { VERSION } from './version.ts';
import { webhookServices } from './webhook-services.ts';

const LOOK_AGAIN_MS = 60_000;
const SKEW = "this machine's clock is off by so much; the API server's time counts";

/**
 * Runs the controllers until a signal stops them.
 * @throws UsageError for options, a kubeconfig or an address that cannot be used
 */
export async function manage(options: ManagerOptions, io: Io): Promise<void> {
  checkLeaderOptions(options);
  keepHeapLean();
  const connection = connectionOf(options, io);
  await requireCredentials(connection);
  const logger = createLogger(options.logLevel);
  const clock = new ServerClock(systemClock, (skewMs) => logger.warn({ skewMs }, SKEW));
  const metrics = new Metrics(VERSION);
  const readiness = new Readiness();
  const wire = {
    connection,
    clock,
    onDate: (date: string) => clock.hear(date),
    onExchange: (info: ExchangeInfo) => metrics.exchanged(info),
    random: Math.random,
    userAgent: `${FIELD_MANAGER}/${VERSION}`,
  };
  const transport = new HttpTransport({ ...wire, maxInFlight: options.maxInFlight });
  // A renewal of the lease must not wait behind other requests, nor end with their connection.
  const leaseTransport = new HttpTransport({ ...wire, maxInFlight: 2 });
  // A dry run writes nothing, so it may run beside a leader.
  const isElected = options.leaderElect && !options.dryRun;
  const election = isElected
    ? { election: electionOf(options, ownNamespace(options, io), leaseTransport) }
    : {};
  const webhooks = webhookServices(options, io);
  const stop = io.stopSignal();
  logger.info({ version: VERSION, server: addressOf(connection), dryRun: options.dryRun }, 'starting');
  try {
    await runManager(
      {
        client: clientOf(options, transport, logger),
        clock,
        random: Math.random,
        logger,
        settings: {
          assumedVersion: options.assumeKubernetesVersion,
          rollDeadlineMs: options.rollDeadline,
          configMapRetentionMs: options.configmapRetention,
          maxConcurrentChanges: options.maxConcurrentChanges,
          lookAgainMs: LOOK_AGAIN_MS,
        },
        workers: options.workers,
        revisionHistoryLimit: options.revisionHistoryLimit,
        namespaces: options.watchNamespace ?? [],
        instance: hostname(),
        services: [...endpointServices(options, metrics, readiness), ...webhooks],
        metrics,
        readiness,
        ...election,
      },
      stop,
    );
  } catch (error) {
    throw isListenError(error) ? new UsageError(`cannot serve: ${error.message}.`) : error;
  } finally {
    leaseTransport.close();
    transport.close();
  }
}

function clientOf({ dryRun }: ManagerOptions, transport: HttpTransport, logger: Logger): KubeClient {
  const fieldManager = FIELD_MANAGER;
  if (!dryRun) return new KubeClient({ transport, fieldManager });
  return new KubeClient({
    transport,
    fieldManager,
    dryRun: 'client',
    onWrite: (write) => logger.info(describeWrite(write), 'dry run: not written'),
  });
}

/** An address that is taken, that is not ours, or a port that we may not use. */
function isListenError(error: unknown): error is Error {
  return error instanceof Error && stringAt(error, 'syscall') === 'listen';
}
