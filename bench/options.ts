import { Command, InvalidArgumentError } from 'commander';

/** What a run of the bench is asked to do. */
export interface BenchOptions {
  /** ClusterDeployments in each of the three fleets. */
  clusters: number;
  /** ClusterAuditPolicies that each fleet's clusters share. */
  policies: number;
  /** References changed one after the other, for the latency of a change. */
  changes: number;
  /** Length of the window in which nothing should be written. */
  quietSeconds: number;
  /** File for all numbers, as JSON. */
  json?: string;
  /** Folder for a CPU profile of the operator. */
  cpuProf?: string;
}

/**
 * Reads the arguments behind the program's name. `--help` and bad usage print and end the process, as commander does.
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  return new Command('bench')
    .description('Measures the operator against a real API server and beside the floor: see bench/README.md.')
    .option('--clusters <count>', 'ClusterDeployments in each fleet', count(1), 1000)
    .option('--policies <count>', 'ClusterAuditPolicies in each fleet', count(2), 40)
    .option('--changes <count>', 'references changed one by one', count(1), 50)
    .option('--quiet-seconds <seconds>', 'how long to watch for idle writes', count(1), 30)
    .option('--json <file>', 'write all numbers there')
    .option('--cpu-prof <dir>', 'leave a CPU profile of the operator there (it costs some speed)')
    .addHelpText('after', '\nExample:\n  $ npm run bench -- --clusters 200 --json bench.json')
    .parse(args, { from: 'user' })
    .opts<BenchOptions>();
}

function count(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number of ${least} or more is expected.`);
    return value;
  };
}
