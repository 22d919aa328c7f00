import type { RequestCount } from './measure/api-metrics.ts';
import type { CpuUse } from './measure/meter.ts';
import type { Memory } from './measure/usage.ts';
import type { SeedSizes } from './fleet/seed.ts';
import type { BenchOptions } from './options.ts';
import type { StartTimes } from './phases/start.ts';

/** One fleet brought from no policy to every policy in place. Times in seconds. */
export interface ColdRun {
  /** Until the last cluster was seen ready: from the spawn of the operator, or from the floor's first write. */
  seconds: number;
  /** Until the first one was. */
  firstReadySeconds: number;
  cpu: CpuUse;
  /** Every request of the run, Events that come after the last cluster included. */
  requests: RequestCount[];
}

/** Latencies of single changes, in milliseconds. */
export interface ChangeTimes {
  p50: number;
  p99: number;
  all: number[];
}

/** All that a run of the bench has found; `--json` writes it as it is. */
export interface BenchResult {
  /** RFC 3339. */
  measuredAt: string;
  machine: { cores: number; cpu: string; memoryBytes: number; node: string; kubernetes: string };
  options: BenchOptions;
  /** Sizes in bytes. */
  sizes: SeedSizes & { smallestPolicy: number; largestPolicy: number };
  /** Before and after the operator's run. */
  floors: [ColdRun, ColdRun];
  operator: ColdRun & {
    /** From the last cluster ready until three seconds had passed without a write. */
    trailingSeconds: number;
    memory: { converged: Memory; end: Memory };
    /** Writes that the settling of all HelmReleases has caused. */
    writesAfterSettling: RequestCount[];
    quiet: { seconds: number; writes: RequestCount[] };
    /** What it logged: warnings and worse. */
    logLines: number;
  };
  changes: { floor: ChangeTimes; operator: ChangeTimes };
  /** Of the program on the command line; results of old have none. */
  start?: StartTimes[];
  /** The operator's seconds over the mean of the floors'. */
  ratio: number;
}
