import type { Decision } from '../policy/evaluate.ts';
import type { Level } from '../policy/types.ts';
import { OTHER, type ReadEvent } from './count-event.ts';
import type { Outcome } from './outcome.ts';
import { ownRequest, ownText } from './own-text.ts';
import type { Change } from './result.ts';
import { isBefore, type BlockPlace, type ComparisonTally } from './tally.ts';

/** What one policy makes of an event. */
export interface Judged {
  decision: Decision;
  outcome: Outcome | undefined;
}

const MAX_CHANGES = 2000;

/** Counts a request whose end is read: what the second policy records of it, more or less than the first. */
export function compareEvent(
  tally: ComparisonTally,
  { event, kind, verb, resource }: ReadEvent,
  before: Judged,
  after: Judged,
  place: BlockPlace,
): void {
  const change = kindOfChange(before.outcome, after.outcome);
  if (change === undefined) return;
  if (change === 'lost') tally.lost++;
  else if (change === 'gained') tally.gained++;
  else if (change === 'less-body') tally.lessBody++;
  else tally.moreBody++;
  const rules = `${change} ${before.decision.rule} ${after.decision.rule}`;
  const key =
    tally.changes.size < MAX_CHANGES || tally.changes.has(`${rules} ${kind}`) ? `${rules} ${kind}` : rules;
  const known = tally.changes.get(key);
  if (known !== undefined) {
    known.requests++;
    if (isBefore(place, known.place)) {
      known.place = place;
      known.change = { ...known.change, example: ownRequest(event.request) };
    }
    return;
  }
  const isOther = key === rules;
  tally.changes.set(ownText(key), {
    change: {
      kind: change,
      verb: isOther ? OTHER : ownText(verb),
      resource: isOther ? OTHER : ownText(resource),
      before: sideOf(before),
      after: sideOf(after),
      example: ownRequest(event.request),
    },
    requests: 1,
    place,
  });
}

function kindOfChange(before: Outcome | undefined, after: Outcome | undefined): Change['kind'] | undefined {
  if (before === undefined) return after === undefined ? undefined : 'gained';
  if (after === undefined) return 'lost';
  if (after.depth === before.depth) return undefined;
  return after.depth < before.depth ? 'less-body' : 'more-body';
}

function sideOf({ decision: { rule, level } }: Judged): { rule: number; level: Level } {
  return { rule, level: level as Level };
}
