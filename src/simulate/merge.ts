import { addVolume, mergeCounter } from './counter.ts';
import { cellOf } from './count-event.ts';
import { mergeSamples } from './samples.ts';
import { mergeSeries } from './series.ts';
import {
  isBefore,
  type ComparisonTally,
  type LogTally,
  type PolicyTally,
  type RuleTally,
  type Tally,
} from './tally.ts';

/** Adds what another thread counted of the same log. */
export function mergeTally(into: Tally, from: Tally): void {
  mergeLog(into.log, from.log);
  for (const [index, policy] of into.policies.entries()) mergePolicy(policy, from.policies[index]);
  for (const [index, one] of into.comparisons.entries()) mergeComparison(one, from.comparisons[index]);
  mergeSamples(into.samples, from.samples);
}

function mergeLog(into: LogTally, from: LogTally): void {
  addVolume(into.recorded, from.recorded.events, from.recorded.bytes);
  into.duplicates += from.duplicates;
  into.foreign += from.foreign;
  into.problems.count += from.problems.count;
  into.problems.first.push(...from.problems.first);
  for (const [stage, events] of from.stages) into.stages.set(stage, (into.stages.get(stage) ?? 0) + events);
  into.levels = into.levels.map((events, level) => events + (from.levels[level] ?? 0));
  into.ambiguous += from.ambiguous;
  into.truncated += from.truncated;
  into.fromMs = Math.min(into.fromMs, from.fromMs);
  into.toMs = Math.max(into.toMs, from.toMs);
  mergeSeries(into.series, from.series);
  into.longRunning.started += from.longRunning.started;
  into.longRunning.ended += from.longRunning.ended;
  into.disagreeing += from.disagreeing;
  const { disagreement } = from;
  if (disagreement && (!into.disagreement || isBefore(disagreement, into.disagreement)))
    into.disagreement = disagreement;
}

function mergePolicy(into: PolicyTally, from: PolicyTally | undefined): void {
  if (from === undefined) return;
  for (const [index, rule] of into.rules.entries()) mergeRule(rule, from.rules[index]);
  for (const [kind, cell] of from.cells.byKey) {
    const known = cellOf(into.cells.byKey, kind, cell.verb, cell.resource);
    known.seen += cell.seen;
    addVolume(known.written, cell.written.events, cell.written.bytes);
    known.levels = known.levels.map((events, level) => events + (cell.levels[level] ?? 0));
    for (const [rule, events] of cell.rules) known.rules.set(rule, (known.rules.get(rule) ?? 0) + events);
  }
}

function mergeRule(into: RuleTally, from: RuleTally | undefined): void {
  if (from === undefined) return;
  into.requests += from.requests;
  for (const volume of ['seen', 'written', 'received', 'started'] as const)
    addVolume(into[volume], from[volume].events, from[volume].bytes);
  mergeCounter(into.users, from.users);
  mergeCounter(into.resources, from.resources);
  mergeSeries(into.series, from.series);
  for (const [kind, missing] of from.bodies) {
    const known = into.bodies.get(kind);
    if (known === undefined) into.bodies.set(kind, missing);
    else {
      known.requests += missing.requests;
      known.responses += missing.responses;
    }
  }
}

function mergeComparison(into: ComparisonTally, from: ComparisonTally | undefined): void {
  if (from === undefined) return;
  for (const kind of ['lost', 'gained', 'lessBody', 'moreBody'] as const) into[kind] += from[kind];
  for (const [key, change] of from.changes) {
    const known = into.changes.get(key);
    if (known === undefined) into.changes.set(key, change);
    else {
      known.requests += change.requests;
      if (isBefore(change.place, known.place)) {
        known.place = change.place;
        known.change = change.change;
      }
    }
  }
  for (const [index, seen] of into.detections.entries()) {
    seen.before += from.detections[index]?.before ?? 0;
    seen.after += from.detections[index]?.after ?? 0;
  }
}
