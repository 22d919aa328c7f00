import { hostname } from 'node:os';
import { Option, type Command } from 'commander';
import { FIELD_MANAGER } from '../api/names.ts';
import { runManager } from '../controllers/manager.ts';
import type { Connection } from '../kube/connection.ts';
import { KubeClient } from '../kube/client.ts';
import { HttpTransport } from '../kube/http-transport.ts';
import { KubeConfigError, loadConnection } from '../kube/kubeconfig.ts';
import { createLogger, LOG_LEVELS } from '../observability/logger.ts';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { systemClock } from '../runtime/clock.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { parseCount, parseDuration, parseVersion } from './options.ts';
import type { Finish } from './program.ts';
import { VERSION } from './version.ts';

interface Options {
  kubeconfig?: string;
  context?: string;
  watchNamespace?: string;
  workers: number;
  maxInFlight: number;
  assumeKubernetesVersion: KubernetesVersion;
  rollDeadline: number;
  configmapRetention: number;
  revisionHistoryLimit: number;
  dryRun: boolean;
  logLevel: string;
}

const EXAMPLE = `
Example:
  $ audit-policy-operator manager --kubeconfig ~/.kube/config --dry-run

Every option can be given as an environment variable; the option wins.
Exit code: 0 stopped by a signal, 1 failed, 2 usage or unusable input.`;

/** `manager`: runs the controllers against a management cluster until it is told to stop. */
export function addManager(program: Command, io: Io, finish: Finish): void {
  const option = (flags: string, description: string) =>
    new Option(flags, description).env(
      `AUDIT_POLICY_${flags
        .replace(/^--([a-z-]+).*/, '$1')
        .replaceAll('-', '_')
        .toUpperCase()}`,
    );
  program
    .command('manager')
    .description('Run the controllers against a management cluster.')
    .addOption(
      new Option(
        '--kubeconfig <file>',
        'default: KUBECONFIG, then the Pod’s service account, then ~/.kube/config',
      ),
    )
    .addOption(option('--context <name>', 'context of the kubeconfig'))
    .addOption(option('--watch-namespace <name>', 'watch one namespace only (default: all)'))
    .addOption(
      option('--workers <count>', 'clusters reconciled at the same time')
        .argParser(parseCount(1))
        .default(32),
    )
    .addOption(
      option('--max-in-flight <count>', 'requests sent at the same time, watches not counted')
        .argParser(parseCount(1))
        .default(32),
    )
    .addOption(
      option('--assume-kubernetes-version <version>', 'for clusters whose version nothing tells')
        .argParser(parseVersion)
        .default(OLDEST_TESTED, formatVersion(OLDEST_TESTED)),
    )
    .addOption(
      option('--roll-deadline <duration>', 'a roll-out that takes longer counts as failed')
        .argParser(parseDuration)
        .default(30 * 60_000, '30m'),
    )
    .addOption(
      option(
        '--configmap-retention <duration>',
        'a ConfigMap stays this long after its reference was cleared',
      )
        .argParser(parseDuration)
        .default(60 * 60_000, '1h'),
    )
    .addOption(
      option('--revision-history-limit <count>', 'contents kept in a namespace that nothing uses')
        .argParser(parseCount(0))
        .default(10),
    )
    .addOption(option('--dry-run', 'log every write instead of sending it').default(false))
    .addOption(option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', EXAMPLE)
    .action(async (options: Options) => {
      const logger = createLogger(options.logLevel);
      const transport = new HttpTransport({
        connection: connectionOf(options, io),
        clock: systemClock,
        random: Math.random,
        userAgent: `${FIELD_MANAGER}/${VERSION}`,
        maxInFlight: options.maxInFlight,
      });
      const client = new KubeClient({
        transport,
        fieldManager: FIELD_MANAGER,
        dryRun: options.dryRun ? 'client' : 'none',
        onWrite: ({ verb, resource, name, subresource }) => {
          if (options.dryRun)
            logger.info({ verb, kind: resource.kind, ...name, subresource }, 'dry run: not written');
        },
      });
      logger.info({ version: VERSION, dryRun: options.dryRun }, 'starting');
      try {
        await runManager(
          {
            client,
            clock: systemClock,
            random: Math.random,
            logger,
            settings: {
              assumedVersion: options.assumeKubernetesVersion,
              rollDeadlineMs: options.rollDeadline,
              configMapRetentionMs: options.configmapRetention,
            },
            workers: options.workers,
            revisionHistoryLimit: options.revisionHistoryLimit,
            ...(options.watchNamespace === undefined ? {} : { namespace: options.watchNamespace }),
            instance: hostname(),
          },
          io.signal,
        );
        finish(EXIT.ok);
      } finally {
        transport.close();
      }
    });
}

function connectionOf({ kubeconfig, context }: Options, { env }: Io): Connection {
  try {
    return loadConnection({ path: kubeconfig, context, env });
  } catch (error) {
    if (error instanceof KubeConfigError) throw new UsageError(`manager: ${error.message}`);
    throw error;
  }
}
