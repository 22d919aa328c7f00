import { Command, InvalidArgumentError, Option } from 'commander';

/** What can be measured by itself: the start of the program, and the reading of audit logs. */
const ONLY_PARTS = ['start', 'simulate'] as const;
export type OnlyPart = (typeof ONLY_PARTS)[number];

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
  /** How long to wait, once everything is seeded, for other programs to leave the machine alone. */
  waitMinutes: number;
  /** How often each command is started whose start is measured. */
  startRuns: number;
  /** Folder for a CPU profile of the operator. */
  cpuProf?: string;
}

/** What is run, and where the results go. */
export interface CommandOptions {
  bench: Omit<BenchOptions, 'clusters'>;
  /** Fleet sizes, in the order in which they are run. */
  sizes: readonly number[];
  /** Nothing but this is measured, and it is only printed. */
  only?: OnlyPart;
  /** File for all numbers, as JSON. */
  json?: string;
  /** File for a drawing of all results in `json`. */
  plot?: string;
}

interface Flags extends BenchOptions {
  series?: number[];
  json?: string;
  plot?: string;
  only?: OnlyPart;
}

/**
 * Reads the arguments behind the program's name. `--help` and bad usage print and end the process, as commander does.
 */
export function parseOptions(args: readonly string[]): CommandOptions {
  const command = new Command('bench')
    .description('Measures the operator against a real API server and beside the floor: see bench/README.md.')
    .option('--clusters <count>', 'ClusterDeployments in each fleet', count(1), 1000)
    .option('--policies <count>', 'ClusterAuditPolicies in each fleet', count(2), 40)
    .option('--changes <count>', 'references changed one by one', count(1), 50)
    .option('--quiet-seconds <seconds>', 'how long to watch for idle writes', count(1), 30)
    .option(
      '--series <counts>',
      'fleets of several sizes, one after the other, instead of --clusters',
      counts,
    )
    .option('--json <file>', 'put all numbers there, in the place of earlier ones of the same size')
    .option('--plot <file>', 'draw all that is in the JSON file as SVG')
    .option(
      '--wait-minutes <minutes>',
      'when all is seeded, wait so long at most until the machine is quiet',
      count(0),
      0,
    )
    .option('--start-runs <count>', 'how often each command is started', count(1), 50)
    .addOption(
      new Option('--only <part>', 'measure one part that needs no API server, and nothing else').choices(
        ONLY_PARTS,
      ),
    )
    .option('--cpu-prof <dir>', 'leave a CPU profile of the operator there (it costs some speed)')
    .addHelpText(
      'after',
      '\nExample:\n  $ npm run bench -- --series 10,100,1000 --json bench.json --plot bench.svg',
    )
    .parse(args, { from: 'user' });
  const { clusters, json, plot, series, only, ...bench } = command.opts<Flags>();
  if (plot !== undefined && json === undefined)
    command.error('error: --plot draws what is in the file of --json');
  if (only !== undefined && json !== undefined)
    command.error('error: --only is of no fleet size, so it is only printed: leave --json out');
  return {
    bench,
    sizes: only === undefined ? (series ?? [clusters]) : [],
    ...(only === undefined ? {} : { only }),
    ...(json === undefined ? {} : { json }),
    ...(plot === undefined ? {} : { plot }),
  };
}

function counts(text: string): number[] {
  return text.split(',').map(count(1));
}

function count(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`a whole number of ${least} or more is expected.`);
    return value;
  };
}
