import { Option, type Command } from 'commander';
import { UsageError } from './io.ts';
import { parseBoolean, parseDuration, parseNamespace, parseObjectName } from './options.ts';

/** The options of `manager` about several replicas; durations in milliseconds. */
export interface LeaderOptions {
  namespace?: string;
  leaderElect: boolean;
  leaderElectionId: string;
  leaseDuration: number;
  renewDeadline: number;
  retryPeriod: number;
}

/** The longest time between two tries is a fifth longer than the retry period. */
const JITTER = 1.2;

export function addLeaderOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--namespace <name>',
        'the operator’s own namespace (default: POD_NAMESPACE, then the Pod’s own)',
      ).argParser(parseNamespace),
    )
    .addOption(
      new Option('--leader-elect [boolean]', 'of several replicas, have one work at a time')
        .argParser(parseBoolean)
        .preset('true')
        .default(false),
    )
    .addOption(
      new Option('--leader-election-id <name>', 'name of the Lease in the own namespace')
        .argParser(parseObjectName)
        .default('audit-policy-operator'),
    )
    .addOption(
      new Option(
        '--lease-duration <duration>',
        'another replica takes over when the leader was silent so long',
      )
        .argParser(parseDuration)
        .default(15_000, '15s'),
    )
    .addOption(
      new Option('--renew-deadline <duration>', 'the leader stops when it could not renew its lease so long')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option('--retry-period <duration>', 'how often the lease is renewed, or tried for')
        .argParser(parseDuration)
        .default(2_000, '2s'),
    );
}

/** @throws UsageError for times with which two replicas could lead at once, or none for long */
export function checkLeaderOptions({ leaseDuration, renewDeadline, retryPeriod }: LeaderOptions): void {
  if (leaseDuration < 1000 || leaseDuration % 1000 !== 0)
    throw new UsageError('--lease-duration must be whole seconds: a Lease has no others.');
  if (renewDeadline >= leaseDuration)
    throw new UsageError('--renew-deadline must be shorter than --lease-duration.');
  if (retryPeriod <= 0 || retryPeriod * JITTER >= renewDeadline)
    throw new UsageError(`--renew-deadline must be longer than ${JITTER} times --retry-period.`);
}
