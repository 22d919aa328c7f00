import type { Level } from '../policy/types.ts';
import type { RequestAttributes } from '../policy/evaluate.ts';

/**
 * What one or more policies would have written of what a log tells. Plain data; `--output json` is the same with rules counted from 1. Names in it (users,
 * resources, paths) are whatever clients sent; there is never a part of a request's or a response's body.
 * Bytes are those of a log file: an event as JSON on a line of its own, with the line feed.
 */
export interface Simulation {
  log: LogSummary;
  /** In the order they were given. */
  policies: readonly PolicyResult[];
  /** Each policy but the first, against the first. */
  comparisons: readonly Comparison[];
}

/** `covered` below this is told as gaps in the log. */
export const GAPLESS = 0.9;

/** How many events, and the bytes that they take. */
export interface Volume {
  events: number;
  bytes: number;
}

/** What was read, and how far it can be relied on. */
export interface LogSummary {
  /** As the user named them. */
  files: readonly string[];
  /** Of all files together, decompressed. */
  bytes: number;
  /** Audit events that count: read, and not seen before. */
  recorded: Volume;
  /** Left out since the same event came before. */
  duplicates: number;
  /** Left out since they are JSON, but no audit events. */
  foreign: number;
  /** What could not be read: how many in all, and the first of them. */
  problems: { count: number; first: readonly LogProblem[] };
  /** When the first and the last event was written, in milliseconds since 1970; absent when no event tells. */
  fromMs?: number;
  toMs?: number;
  /** The share of that time, 0 to 1, in which there is an event now and then; far below 1 the log has gaps, and figures a day are low. */
  covered: number;
  /** Events by stage, and by the level they were recorded at. */
  stages: Readonly<Record<string, number>>;
  levels: Readonly<Record<string, number>>;
  /** Events whose `objectRef` says another thing than their URI; the URI was believed. */
  ambiguous: number;
  /** Events that the API server cut to a size, so that their bodies are not known. */
  truncated: number;
  /** The policy that the log was recorded with, where the user said. */
  recordedWith?: {
    title: string;
    /** Events that it would not have written so: it was another policy, then. The first is named. */
    disagreeing: number;
    example?: Place;
  };
}

export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** A stretch of a log that is no event. The message does not quote it. */
export interface LogProblem extends Place {
  message: string;
}

/** A policy over the whole log. */
export interface PolicyResult {
  title: string;
  /** What it would have written: certain, and added by estimate. */
  written: Volume;
  estimated: Estimate;
  /** A day, at the rate of the log, estimates included; absent when the log tells no time. */
  perDay?: Volume;
  /** How long a log directory would last, where sizes were given. */
  retentionDays?: number;
  /** By rule, in the order of the policy; last, with `rule` -1, the requests that no rule matches. */
  rules: readonly RuleResult[];
  /** By verb and resource, the most bytes first; a bounded number. */
  cells: readonly Cell[];
  /** What was written over time; all series of the simulation have the same buckets. */
  timeline: Timeline;
}

/** What the log lacks and the policy would write, judged by the like of it in the log. */
export interface Estimate extends Volume {
  /** 95 % of such estimates lie between; of the bytes. */
  lowBytes: number;
  highBytes: number;
}

export interface RuleResult {
  /** Index of the rule; -1: no rule matches. */
  rule: number;
  level: Level;
  /** Its line in the file, where known. */
  line?: number;
  /** Requests that it decides: those whose end (or panic) is in the log. */
  requests: number;
  /** Recorded events that it decides, as they were recorded. */
  seen: Volume;
  /** What of it is written under this policy. */
  written: Volume;
  estimated: Estimate;
  perDay?: Volume;
  /** Written events a second. */
  perSecond?: number;
  /** Who, and on what, the most bytes written first (seen, for a rule with level None). At most ten each. */
  topUsers: readonly Count[];
  topResources: readonly Count[];
  /** No event of the log reaches it. */
  isDead: boolean;
  /** What the log cannot tell about this rule; see `Unknown`. */
  unknown: readonly Unknown[];
  /** Bytes written in each bucket of the policy's timeline. */
  series: readonly number[];
}

export interface Count extends Volume {
  name: string;
}

/**
 * Why a figure is not the whole of it.
 * - `unrecorded`: the policy that recorded the log does not write some of the requests that this rule takes, so its figures are lower bounds.
 * - `stages`: it leaves out stages that this rule writes; they were estimated.
 * - `bodies`: it leaves out bodies that this rule writes, and there is nothing like them in the log to judge by.
 * - `managed-fields`: it leaves out managed fields that this rule writes.
 * - `recorder`: it is not known which policy that was (`--recorded-with`), so any of these may be true.
 * - `unreachable`: no request at all reaches this rule.
 */
export interface Unknown {
  reason: 'unrecorded' | 'stages' | 'bodies' | 'managed-fields' | 'recorder' | 'unreachable';
  /** In words, whole sentences. */
  message: string;
}

/** A cell of the heat map. */
export interface Cell {
  verb: string;
  /** `pods/exec`, `deployments.apps`; for URLs their first part, `/healthz`. */
  resource: string;
  /** Recorded events in it. */
  seen: number;
  written: Volume;
  /** Events by the level this policy gives them; `None` for those it does not write. */
  levels: Readonly<Record<Level, number>>;
  /** Events by the rule that decides them. */
  rules: readonly { rule: number; events: number }[];
}

export interface Timeline {
  /** Start of the first bucket, in milliseconds since 1970. */
  startMs: number;
  /** Width of a bucket. */
  bucketMs: number;
  /** Bytes written in each. */
  bytes: readonly number[];
}

/** The requests of a log under one policy and another. */
export interface Comparison {
  /** Indexes in `policies`. */
  from: number;
  to: number;
  /** Requests that `from` writes and `to` does not; and the other way round. */
  lost: number;
  gained: number;
  /** Requests that both write, with less, or more, of their bodies. */
  lessBody: number;
  moreBody: number;
  /** What changes, by rules, verb and resource, the greatest losses first; a bounded number. */
  changes: readonly Change[];
  /** Detections of Falco that see less, or more, than before. */
  detections: readonly DetectionChange[];
}

export interface Change {
  kind: 'lost' | 'less-body' | 'more-body' | 'gained';
  verb: string;
  resource: string;
  requests: number;
  before: { rule: number; level: Level };
  after: { rule: number; level: Level };
  /** The first of them in the log, as rules see it; what is very long in it is cut, and so are names of users, verbs and resources. */
  example: RequestAttributes;
}

export interface DetectionChange {
  /** Falco's name of the rule. */
  name: string;
  before: 'sees' | 'partly' | 'blind' | 'undecided';
  after: 'sees' | 'partly' | 'blind' | 'undecided';
  /** Whether it loses anything would take too long to find out. */
  isUndecided?: boolean;
  /** A request that it would look at and does not get any more; in words. */
  witness?: string;
  /** Requests of the log that it would have looked at, before and after. */
  requestsBefore: number;
  requestsAfter: number;
}
