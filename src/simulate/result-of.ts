import { LEVELS, type AuditPolicy, type Level } from '../policy/types.ts';
import { compareText } from './compare-text.ts';
import { comparisonResult } from './comparison-result.ts';
import { top } from './counter.ts';
import { estimateRule, missingStages, sumEstimates, type MissingStages } from './estimate.ts';
import type {
  Cell,
  LogSummary,
  Place,
  PolicyResult,
  RuleResult,
  Simulation,
  Timeline,
  Unknown,
  Volume,
} from './result.ts';
import type { Samples } from './samples.ts';
import { valuesOf, type Series } from './series.ts';
import type { SimulationPlan } from './simulator.ts';
import {
  MOST_PROBLEMS,
  type BlockPlace,
  type Cells,
  type LogTally,
  type PolicyTally,
  type RuleTally,
  type Tally,
} from './tally.ts';
import { Recorder, unknownBodies, UNKNOWN_RECORDER } from './unknowns.ts';

/** What a result tells beside what was counted. */
export interface ResultContext extends SimulationPlan {
  /** Of each policy. */
  titles: readonly string[];
  /** Lines of the rules of each policy, where known. */
  ruleLines: readonly (readonly (number | undefined)[])[];
  recordedWithTitle?: string;
  files: readonly string[];
  /** Of all files, decompressed. */
  bytes: number;
  /** Where a line of a block stands. */
  placeOf(place: BlockPlace): Place;
  /** What one API server keeps of its log on disk, in bytes; see `retainedBytes`. */
  retained?: number;
  /** How many API servers the log comes from. */
  servers: number;
}

const TOP = 10;
const MOST_CELLS = 400;
const MS_A_DAY = 86_400_000;

/** Puts together what was counted of a whole log. */
export function resultOf(tally: Tally, context: ResultContext): Simulation {
  const clock = clockOf(tally);
  const missing = missingStages(tally.log, context.recordedWith !== undefined);
  return {
    log: summary(tally.log, context, clock),
    policies: tally.policies.map((policy, index) =>
      policyResult(policy, index, context, {
        clock,
        missing,
        samples: tally.samples,
        disagreeing: tally.log.disagreeing,
      }),
    ),
    comparisons: tally.comparisons.map((comparison, index) =>
      comparisonResult(comparison, index + 1, context.policies),
    ),
  };
}

/** The buckets of all series, and how much of a day the log covers. */
interface Clock {
  startMs: number;
  bucketMs: number;
  buckets: number;
  /** By this a figure of the log becomes one of a day; undefined when the log tells no time. */
  perDay: number | undefined;
  seconds: number;
}

function clockOf({ log, policies }: Tally): Clock {
  const all = [log.series, ...policies.flatMap(({ rules }) => rules.map(({ series }) => series))];
  const bucketMs = Math.max(...all.map(({ widthMs }) => widthMs));
  const { series, fromMs, toMs } = log;
  const spanMs = toMs - fromMs;
  if (!(spanMs >= 0)) return { startMs: 0, bucketMs, buckets: 0, perDay: undefined, seconds: 0 };
  const startMs = Math.floor((series.first * series.widthMs) / bucketMs) * bucketMs;
  const buckets = Math.floor((toMs - startMs) / bucketMs) + 1;
  return {
    startMs,
    bucketMs,
    buckets,
    perDay: spanMs > 0 ? MS_A_DAY / spanMs : undefined,
    seconds: spanMs / 1000,
  };
}

function summary(log: LogTally, context: ResultContext, clock: Clock): LogSummary {
  const hasTime = log.toMs >= log.fromMs;
  const inTime = hasTime ? valuesOf(log.series, clock.startMs, clock.bucketMs, clock.buckets) : [];
  const example = log.disagreement && context.placeOf(log.disagreement);
  const problems = log.problems.first
    .toSorted((a, b) => a.block - b.block || a.line - b.line)
    .slice(0, MOST_PROBLEMS)
    .map(({ message, ...place }) => ({ ...context.placeOf(place), message }));
  return {
    files: context.files,
    bytes: context.bytes,
    recorded: log.recorded,
    duplicates: log.duplicates,
    foreign: log.foreign,
    problems: { count: log.problems.count, first: problems },
    ...(hasTime ? { fromMs: log.fromMs, toMs: log.toMs } : {}),
    covered: inTime.length === 0 ? 0 : inTime.filter((events) => events > 0).length / inTime.length,
    stages: Object.fromEntries([...log.stages].sort(([a], [b]) => compareText(a, b))),
    levels: Object.fromEntries(
      LEVELS.map((level, depth) => [level, log.levels[depth] ?? 0] as const).filter(
        ([, events]) => events > 0,
      ),
    ),
    ambiguous: log.ambiguous,
    truncated: log.truncated,
    ...(context.recordedWithTitle === undefined
      ? {}
      : {
          recordedWith: {
            title: context.recordedWithTitle,
            disagreeing: log.disagreeing,
            ...(example && { example }),
          },
        }),
  };
}

interface Counted {
  /** Events that contradict the recording policy: it was another one, then. */
  disagreeing: number;
  clock: Clock;
  missing: MissingStages;
  samples: Samples;
}

function policyResult(
  tally: PolicyTally,
  index: number,
  context: ResultContext,
  counted: Counted,
): PolicyResult {
  const policy = context.policies[index] ?? {};
  const recorder = new Recorder(policy, context.recordedWith);
  const rules = tally.rules.map((rule, place) =>
    ruleResult(rule, place - 1, policy, {
      ...counted,
      recorder,
      isRecorderKnown: context.recordedWith !== undefined && counted.disagreeing === 0,
      line: context.ruleLines[index]?.[place - 1],
    }),
  );
  const written = sum(rules.map((rule) => rule.written));
  const estimated = sumEstimates(rules.map((rule) => rule.estimated));
  const perDay = aDay(written, estimated, counted.clock);
  const { retained } = context;
  return {
    title: context.titles[index] ?? '',
    written,
    estimated,
    ...(perDay && { perDay }),
    ...(retained !== undefined && perDay && perDay.bytes > 0
      ? { retentionDays: retained / (perDay.bytes / context.servers) }
      : {}),
    rules: [...rules.slice(1), ...rules.slice(0, 1)],
    cells: cellsOf(tally.cells),
    timeline: timelineOf(rules, counted.clock),
  };
}

interface RuleContext extends Counted {
  recorder: Recorder;
  isRecorderKnown: boolean;
  line: number | undefined;
}

function ruleResult(rule: RuleTally, index: number, policy: AuditPolicy, context: RuleContext): RuleResult {
  const { clock, line } = context;
  const { estimate, unknownBodies: unknown } = estimateRule(rule, context.samples, context.missing);
  const perDay = aDay(rule.written, estimate, clock);
  return {
    rule: index,
    level: (policy.rules?.[index]?.level ?? 'None') as Level,
    ...(line === undefined ? {} : { line }),
    requests: rule.requests,
    seen: rule.seen,
    written: rule.written,
    estimated: estimate,
    ...(perDay && { perDay }),
    ...(clock.perDay === undefined
      ? {}
      : { perSecond: (rule.written.events + estimate.events) / clock.seconds }),
    topUsers: top(rule.users, TOP),
    topResources: top(rule.resources, TOP),
    isDead: rule.seen.events === 0,
    unknown: unknownsOf(rule, index, context, unknown),
    series: seriesOf(rule.series, clock),
  };
}

function unknownsOf(
  rule: RuleTally,
  index: number,
  { recorder, isRecorderKnown }: RuleContext,
  kinds: readonly string[],
): Unknown[] {
  const unreachable = rule.seen.events === 0 ? recorder.unreachable(index) : undefined;
  if (unreachable) return [unreachable];
  return [
    ...(isRecorderKnown ? recorder.unknownsOf(index) : [UNKNOWN_RECORDER]),
    ...(kinds.length > 0 ? [unknownBodies(kinds)] : []),
  ];
}

function aDay(written: Volume, estimated: Volume, { perDay }: Clock): Volume | undefined {
  if (perDay === undefined) return undefined;
  return {
    events: (written.events + estimated.events) * perDay,
    bytes: (written.bytes + estimated.bytes) * perDay,
  };
}

function sum(volumes: readonly Volume[]): Volume {
  return {
    events: volumes.reduce((all, { events }) => all + events, 0),
    bytes: volumes.reduce((all, { bytes }) => all + bytes, 0),
  };
}

function seriesOf(series: Series, { startMs, bucketMs, buckets }: Clock): number[] {
  return valuesOf(series, startMs, bucketMs, buckets);
}

function timelineOf(rules: readonly RuleResult[], { startMs, bucketMs, buckets }: Clock): Timeline {
  const bytes = Array.from({ length: buckets }, (_, bucket) =>
    rules.reduce((all, { series }) => all + (series[bucket] ?? 0), 0),
  );
  return { startMs, bucketMs, bytes };
}

function cellsOf({ byKey }: Cells): Cell[] {
  return [...byKey.values()]
    .sort(
      (a, b) =>
        b.written.bytes - a.written.bytes ||
        b.seen - a.seen ||
        compareText(a.resource, b.resource) ||
        compareText(a.verb, b.verb),
    )
    .slice(0, MOST_CELLS)
    .map(({ verb, resource, seen, written, levels, rules }) => ({
      verb,
      resource,
      seen,
      written,
      levels: Object.fromEntries(LEVELS.map((level, depth) => [level, levels[depth] ?? 0])) as Cell['levels'],
      rules: [...rules].sort(([a], [b]) => a - b).map(([rule, events]) => ({ rule, events })),
    }));
}
