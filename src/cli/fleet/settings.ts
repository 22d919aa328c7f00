import { Option, type Command } from 'commander';
import type { PlanSettings } from '../../plan/types.ts';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../../policy/kubernetes-version.ts';
import { parseVersion } from '../options.ts';

/** For what nothing tells. */
export interface AssumedVersionOption {
  assumeKubernetesVersion: KubernetesVersion;
}

export function addAssumedVersionOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--assume-kubernetes-version <version>',
      'for clusters whose version nothing tells, as given to the operator',
    )
      .argParser(parseVersion)
      .default(OLDEST_TESTED, formatVersion(OLDEST_TESTED)),
  );
}

/** The operator's defaults, but no cluster waits for its turn: what is asked is what would come of each. */
export function settingsForLooking({ assumeKubernetesVersion }: AssumedVersionOption): PlanSettings {
  return {
    assumedVersion: assumeKubernetesVersion,
    rollDeadlineMs: 30 * 60_000,
    configMapRetentionMs: 60 * 60_000,
    lookAgainMs: 60_000,
    maxConcurrentChanges: Number.MAX_SAFE_INTEGER,
  };
}
