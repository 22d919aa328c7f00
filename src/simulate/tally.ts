import { LEVELS } from '../policy/types.ts';
import { createCounter, type Counter } from './counter.ts';
import type { Change, Volume } from './result.ts';
import type { Samples } from './samples.ts';
import { createSeries, type Series } from './series.ts';

/**
 * What is counted while a log is read: plain data, so that threads count by themselves and send it. Its size is bounded, whatever the
 * log holds.
 */
export interface Tally {
  log: LogTally;
  policies: PolicyTally[];
  /** Of each policy but the first, against the first. */
  comparisons: ComparisonTally[];
  samples: Samples;
}

/** Where a line is, before it is known how many lines the blocks before it have. */
export interface BlockPlace {
  block: number;
  /** In the block, from 0. */
  line: number;
}

export function isBefore(a: BlockPlace, b: BlockPlace): boolean {
  return a.block !== b.block ? a.block < b.block : a.line < b.line;
}

/** So many are told; each thread keeps as many, as it may have the first ones. */
export const MOST_PROBLEMS = 20;

export interface BlockProblem extends BlockPlace {
  message: string;
}

export interface LogTally {
  recorded: Volume;
  duplicates: number;
  foreign: number;
  problems: { count: number; first: BlockProblem[] };
  stages: Map<string, number>;
  /** By index in LEVELS. */
  levels: number[];
  ambiguous: number;
  truncated: number;
  fromMs: number;
  toMs: number;
  /** Events over time. */
  series: Series;
  /** Of long-running requests. */
  longRunning: { started: number; ended: number };
  /** Events that the recording policy would not have written so. */
  disagreeing: number;
  disagreement?: BlockPlace;
}

export interface PolicyTally {
  /** Of no rule, then of each rule. */
  rules: RuleTally[];
  cells: Cells;
}

export interface RuleTally {
  requests: number;
  seen: Volume;
  written: Volume;
  users: Counter;
  resources: Counter;
  series: Series;
  /** Events at stages that were not recorded. */
  received: Volume;
  started: Volume;
  /** Bodies that were not recorded, by kind of request; beyond `mostKinds` what comes new is not told apart. */
  bodies: Map<string, MissingBodies>;
  mostKinds: number;
}

export interface MissingBodies {
  requests: number;
  responses: number;
  /** Their managed fields would not be written. */
  isBare: boolean;
}

/** By verb and resource; beyond so many what comes new is not told apart. */
export interface Cells {
  byKey: Map<string, CellTally>;
}

export interface CellTally {
  verb: string;
  resource: string;
  seen: number;
  written: Volume;
  /** By index in LEVELS. */
  levels: number[];
  rules: Map<number, number>;
}

export interface ComparisonTally {
  lost: number;
  gained: number;
  lessBody: number;
  moreBody: number;
  changes: Map<string, ChangeTally>;
  /** By detection: requests that it sees before and after. */
  detections: { before: number; after: number }[];
}

export interface ChangeTally {
  change: Omit<Change, 'requests'>;
  requests: number;
  /** Of the example: the first in the log is kept. */
  place: BlockPlace;
}

/** How much is kept: less of each rule where there are many. */
export interface Widths {
  names: number;
  buckets: number;
  kinds: number;
}

const MOST_BUCKETS = 240;

/** @param rules of all policies together */
function widthsFor(rules: number): Widths {
  const share = (all: number, least: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(all / Math.max(1, rules))));
  return {
    names: share(100_000, 20, 1000),
    buckets: share(100_000, 24, MOST_BUCKETS),
    kinds: share(100_000, 20, 2000),
  };
}

/** @param rules how many each policy has */
export function createTally(rules: readonly number[], detections: number): Tally {
  const widths = widthsFor(rules.reduce((sum, one) => sum + one, 0));
  return {
    log: createLogTally(),
    policies: rules.map((count) => ({
      rules: Array.from({ length: count + 1 }, () => createRuleTally(widths)),
      cells: { byKey: new Map() },
    })),
    comparisons: rules.slice(1).map(() => ({
      lost: 0,
      gained: 0,
      lessBody: 0,
      moreBody: 0,
      changes: new Map(),
      detections: Array.from({ length: detections }, () => ({ before: 0, after: 0 })),
    })),
    samples: new Map(),
  };
}

function createLogTally(): LogTally {
  return {
    recorded: { events: 0, bytes: 0 },
    duplicates: 0,
    foreign: 0,
    problems: { count: 0, first: [] },
    stages: new Map(),
    levels: LEVELS.map(() => 0),
    ambiguous: 0,
    truncated: 0,
    fromMs: Infinity,
    toMs: -Infinity,
    series: createSeries(MOST_BUCKETS),
    longRunning: { started: 0, ended: 0 },
    disagreeing: 0,
  };
}

function createRuleTally(widths: Widths): RuleTally {
  return {
    requests: 0,
    seen: { events: 0, bytes: 0 },
    written: { events: 0, bytes: 0 },
    users: createCounter(widths.names),
    resources: createCounter(widths.names),
    series: createSeries(widths.buckets),
    received: { events: 0, bytes: 0 },
    started: { events: 0, bytes: 0 },
    bodies: new Map(),
    mostKinds: widths.kinds,
  };
}
