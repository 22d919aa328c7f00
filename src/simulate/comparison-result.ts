import { compareDetections } from '../policy/detections/compare.ts';
import { FALCO_DETECTIONS } from '../policy/detections/falco.ts';
import { describeRequest } from '../policy/requests/describe.ts';
import type { AuditPolicy } from '../policy/types.ts';
import { compareText } from './compare-text.ts';
import type { Change, Comparison, DetectionChange } from './result.ts';
import type { ComparisonTally } from './tally.ts';

const MOST_CHANGES = 200;
const ORDER: readonly Change['kind'][] = ['lost', 'less-body', 'more-body', 'gained'];

/** What was counted of two policies, the greatest losses first. */
export function comparisonResult(
  tally: ComparisonTally,
  to: number,
  policies: readonly AuditPolicy[],
): Comparison {
  const changes = [...tally.changes.values()]
    .map(({ change, requests }) => ({ ...change, requests }))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        b.requests - a.requests ||
        compareText(a.resource, b.resource) ||
        compareText(a.verb, b.verb) ||
        a.before.rule - b.before.rule ||
        a.after.rule - b.after.rule,
    );
  return {
    from: 0,
    to,
    lost: tally.lost,
    gained: tally.gained,
    lessBody: tally.lessBody,
    moreBody: tally.moreBody,
    changes: changes.slice(0, MOST_CHANGES),
    detections: detectionChanges(tally, policies[0] ?? {}, policies[to] ?? {}),
  };
}

/** Those that see other requests than before; what a log has of them tells how much it matters. */
function detectionChanges(
  { detections }: ComparisonTally,
  before: AuditPolicy,
  after: AuditPolicy,
): DetectionChange[] {
  return compareDetections(before, after, FALCO_DETECTIONS).flatMap((change, index) => {
    const requests = detections[index] ?? { before: 0, after: 0 };
    // What Falco ships switched off blinds nobody.
    if (change.detection.isOff === true) return [];
    if (change.lost === undefined && change.gained === undefined) return [];
    const witness = change.lost === 'undecided' ? undefined : change.lost;
    return [
      {
        name: change.detection.name,
        before: change.before,
        after: change.after,
        ...(change.lost === 'undecided' ? { isUndecided: true } : {}),
        ...(witness && { witness: describeRequest(witness.request) }),
        requestsBefore: requests.before,
        requestsAfter: requests.after,
      },
    ];
  });
}
