import { Option, type Command } from 'commander';
import { LOG_LEVELS } from '../observability/log-levels.ts';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { addEndpointOptions, type EndpointOptions } from './endpoint-options.ts';
import { addLeaderOptions, type LeaderOptions } from './leader-options.ts';
import { parseBoolean, parseCount, parseDuration, parseNamespaces, parseVersion } from './options.ts';
import { addWebhookOptions, type WebhookOptions } from './webhook-options.ts';

/** The options of `manager`; durations in milliseconds. */
export interface ManagerOptions extends LeaderOptions, EndpointOptions, WebhookOptions {
  kubeconfig?: string;
  context?: string;
  watchNamespace?: string[];
  workers: number;
  maxInFlight: number;
  assumeKubernetesVersion: KubernetesVersion;
  rollDeadline: number;
  configmapRetention: number;
  maxConcurrentChanges: number;
  revisionHistoryLimit: number;
  dryRun: boolean;
  logLevel: string;
}

export function addManagerOptions(command: Command): Command {
  return addWebhookOptions(addEndpointOptions(addLeaderOptions(addWorkOptions(command))));
}

function addWorkOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'default: KUBECONFIG, then the Pod’s ServiceAccount, then ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .addOption(
      new Option(
        '--watch-namespace <name>',
        'watch this namespace only; can be given more than once (default: all)',
      ).argParser(parseNamespaces),
    )
    .addOption(
      new Option('--workers <count>', 'clusters reconciled at the same time')
        .argParser(parseCount(1))
        .default(32),
    )
    .addOption(
      new Option('--max-in-flight <count>', 'requests sent at the same time, watches not counted')
        .argParser(parseCount(1))
        .default(32),
    )
    .addOption(
      new Option('--assume-kubernetes-version <version>', 'for clusters whose version nothing tells')
        .argParser(parseVersion)
        .default(OLDEST_TESTED, formatVersion(OLDEST_TESTED)),
    )
    .addOption(
      new Option('--roll-deadline <duration>', 'a roll-out that takes longer counts as failed')
        .argParser(parseDuration)
        .default(30 * 60_000, '30m'),
    )
    .addOption(
      new Option(
        '--max-concurrent-changes <count>',
        'clusters that change at a time because a policy was edited',
      )
        .argParser(parseCount(1))
        .default(10),
    )
    .addOption(
      new Option(
        '--configmap-retention <duration>',
        'how long a ConfigMap stays when nothing names it any more',
      )
        .argParser(parseDuration)
        .default(60 * 60_000, '1h'),
    )
    .addOption(
      new Option('--revision-history-limit <count>', 'unused contents kept in each namespace')
        .argParser(parseCount(0))
        .default(10),
    )
    .addOption(
      new Option('--dry-run [boolean]', 'log every write instead of sending it')
        .argParser(parseBoolean)
        .preset('true')
        .default(false),
    )
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default('info'));
}
