import type { Decision } from '../policy/evaluate.ts';
import { isLongRunning } from '../policy/recorded-stages.ts';
import { LEVELS } from '../policy/types.ts';
import { addVolume, count } from './counter.ts';
import { resourceOf, userOf } from './kinds.ts';
import { bareBodies, METADATA, REQUEST, REQUEST_RESPONSE, type Outcome } from './outcome.ts';
import { clip, ownText } from './own-text.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { addMoment, sampleOf, type Samples } from './samples.ts';
import { addTo } from './series.ts';
import {
  isBefore,
  type BlockPlace,
  type CellTally,
  type LogTally,
  type PolicyTally,
  type RuleTally,
} from './tally.ts';

/** An event, and what is asked of it more than once. */
export interface ReadEvent {
  event: RecordedEvent;
  /** See `resourceOf`. These are cut where they are long. */
  resource: string;
  user: string;
  verb: string;
  /** Verb and resource: by this, requests are alike. */
  kind: string;
  /** It tells how its request ended; each request has one such event. */
  isEnd: boolean;
  isLongRunning: boolean;
}

export function readable(event: RecordedEvent): ReadEvent {
  const { request, stage } = event;
  const resource = clip(resourceOf(request));
  const verb = clip(request.verb);
  const isLong = isLongRunning(request);
  return {
    event,
    resource,
    user: clip(userOf(request)),
    verb,
    kind: `${verb} ${resource}`,
    // What fails before it has a user (401) has this one event, at ResponseStarted.
    isEnd:
      stage === 'ResponseComplete' ||
      stage === 'Panic' ||
      (stage === 'ResponseStarted' && request.user === null),
    isLongRunning: isLong,
  };
}

export function countInLog(
  log: LogTally,
  read: ReadEvent,
  recorder: Decision | undefined,
  place: BlockPlace,
): void {
  const { event, isEnd, isLongRunning } = read;
  const { stage, level, bytes, writtenMs } = event;
  addVolume(log.recorded, 1, bytes);
  countStage(log.stages, clip(stage));
  log.levels[level] = (log.levels[level] ?? 0) + 1;
  if (event.isAmbiguous) log.ambiguous++;
  if (event.isTruncated) log.truncated++;
  if (writtenMs < log.fromMs) log.fromMs = writtenMs;
  if (writtenMs > log.toMs) log.toMs = writtenMs;
  addTo(log.series, writtenMs, 1);
  if (isLongRunning && isEnd) log.longRunning.ended++;
  else if (isLongRunning && stage === 'ResponseStarted') log.longRunning.started++;
  if (recorder !== undefined && (recorder.level !== LEVELS[level] || recorder.omitStages.includes(stage))) {
    log.disagreeing++;
    if (log.disagreement === undefined || isBefore(place, log.disagreement)) log.disagreement = place;
  }
}

const MAX_STAGES = 20;

/** There are four, but a log can hold any. */
function countStage(stages: Map<string, number>, stage: string): void {
  const known = stages.get(stage);
  if (known !== undefined) stages.set(stage, known + 1);
  else if (stages.size < MAX_STAGES) stages.set(ownText(stage), 1);
}

/** The sizes of its bodies, for who must judge by them of others. */
export function sample(samples: Samples, { event, kind, isEnd }: ReadEvent, wantsBare: boolean): void {
  if (!isEnd || event.level < REQUEST || event.isTruncated) return;
  const known = sampleOf(samples, kind);
  if (known === undefined) return;
  const bare = wantsBare ? bareBodies(event) : undefined;
  addMoment(known.request, event.requestBody);
  if (bare) addMoment(known.requestBare, bare.request);
  if (event.level < REQUEST_RESPONSE) return;
  addMoment(known.response, event.responseBody);
  if (bare) addMoment(known.responseBare, bare.response);
}

/**
 * @param recorder what the recording policy decides of the request; undefined when that is not known: stages are then counted as if they
 *   were missing, and whether they are is found at the end
 */
export function countInPolicy(
  policy: PolicyTally,
  read: ReadEvent,
  decision: Decision,
  outcome: Outcome | undefined,
  recorder: Decision | undefined,
): void {
  const rule = policy.rules[decision.rule + 1];
  if (rule === undefined) return;
  const { event } = read;
  if (read.isEnd) rule.requests++;
  addVolume(rule.seen, 1, event.bytes);
  if (outcome !== undefined) {
    addVolume(rule.written, 1, outcome.bytes);
    addTo(rule.series, event.writtenMs, outcome.bytes);
    countMissingBodies(rule, read, decision, outcome);
  }
  if (outcome !== undefined || decision.level === 'None') {
    const bytes = outcome?.bytes ?? event.bytes;
    count(rule.users, read.user, 1, bytes);
    count(rule.resources, read.resource, 1, bytes);
  }
  if (read.isEnd && decision.level !== 'None') countMissingStages(rule, read, decision, recorder);
  countInCell(policy, read, decision, outcome);
}

function countMissingBodies(rule: RuleTally, read: ReadEvent, decision: Decision, outcome: Outcome): void {
  if (!outcome.lacksRequestBody && !outcome.lacksResponseBody) return;
  let missing = rule.bodies.get(read.kind);
  if (missing === undefined) {
    const key = rule.bodies.size < rule.mostKinds ? read.kind : OTHER;
    missing = rule.bodies.get(key) ?? { requests: 0, responses: 0, isBare: decision.omitManagedFields };
    rule.bodies.set(ownText(key), missing);
  }
  if (outcome.lacksRequestBody) missing.requests++;
  if (outcome.lacksResponseBody) missing.responses++;
}

/** In place of a resource, where there are too many of them. */
export const OTHER = '(other)';

/** Events that a request would have had before its end, if their stages had been recorded: of the first one all is known. */
function countMissingStages(
  rule: RuleTally,
  { event, isLongRunning }: ReadEvent,
  { level, omitStages }: Decision,
  recorder: Decision | undefined,
): void {
  // A failed login has no other event.
  if (event.request.user === null && event.stage === 'ResponseStarted') return;
  const renamed = level.length - (LEVELS[event.level] ?? '').length;
  const isMissing = (stage: string) =>
    !omitStages.includes(stage) && (recorder === undefined || recorder.omitStages.includes(stage));
  if (isMissing('RequestReceived')) addVolume(rule.received, 1, event.receivedBytes + renamed);
  if (isLongRunning && event.stage === 'ResponseComplete' && isMissing('ResponseStarted')) {
    const bodies = event.requestBody + event.responseBody;
    addVolume(rule.started, 1, event.bytes - bodies + renamed - 1);
  }
}

const MAX_CELLS = 3000;

function countInCell(
  { cells }: PolicyTally,
  read: ReadEvent,
  decision: Decision,
  outcome: Outcome | undefined,
): void {
  const cell = cellOf(cells.byKey, read.kind, read.verb, read.resource);
  cell.seen++;
  if (outcome !== undefined) addVolume(cell.written, 1, outcome.bytes);
  const depth = outcome?.depth ?? METADATA - 1;
  cell.levels[depth] = (cell.levels[depth] ?? 0) + 1;
  cell.rules.set(decision.rule, (cell.rules.get(decision.rule) ?? 0) + 1);
}

export function cellOf(
  byKey: Map<string, CellTally>,
  kind: string,
  verb: string,
  resource: string,
): CellTally {
  const known = byKey.get(kind);
  if (known !== undefined) return known;
  if (byKey.size >= MAX_CELLS && kind !== OTHER) return cellOf(byKey, OTHER, OTHER, OTHER);
  const cell = {
    verb: ownText(verb),
    resource: ownText(resource),
    seen: 0,
    written: { events: 0, bytes: 0 },
    levels: LEVELS.map(() => 0),
    rules: new Map<number, number>(),
  };
  byKey.set(ownText(kind), cell);
  return cell;
}
