import type { Estimate } from './result.ts';
import { margin, project, type Moments, type Samples } from './samples.ts';
import type { LogTally, MissingBodies, RuleTally } from './tally.ts';

/** What a rule would write beyond what the log has, and for which kinds of requests there is nothing to judge by. */
export interface RuleEstimate {
  estimate: Estimate;
  /** `create pods`; requests whose bodies the rule writes and nothing like them was recorded. The most frequent first. */
  unknownBodies: readonly string[];
}

/** Which stages the log does not have at all; told of a log whose recording policy is known, they were counted one by one. */
export interface MissingStages {
  received: boolean;
  started: boolean;
}

export function missingStages(
  { stages, longRunning, recorded }: LogTally,
  isRecorderKnown: boolean,
): MissingStages {
  if (isRecorderKnown) return { received: true, started: true };
  return {
    received: recorded.events > 0 && !stages.has('RequestReceived'),
    started: longRunning.ended > 0 && longRunning.started === 0,
  };
}

export function estimateRule(rule: RuleTally, samples: Samples, missing: MissingStages): RuleEstimate {
  const parts = [...(missing.received ? [rule.received] : []), ...(missing.started ? [rule.started] : [])];
  const events = parts.reduce((sum, part) => sum + part.events, 0);
  let bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  let variance = 0;
  const unknownBodies: string[] = [];
  for (const [kind, { requests, responses, isBare }] of mostFirst(rule.bodies)) {
    const sample = samples.get(kind);
    const request = projectBodies(isBare ? sample?.requestBare : sample?.request, requests);
    const response = projectBodies(isBare ? sample?.responseBare : sample?.response, responses);
    if (request === undefined || response === undefined) {
      unknownBodies.push(kind);
      continue;
    }
    bytes += request.sum + response.sum;
    variance += request.variance + response.variance;
  }
  const half = margin(variance);
  const rounded = Math.round(bytes);
  return {
    estimate: {
      events,
      bytes: rounded,
      lowBytes: Math.round(Math.max(0, bytes - half)),
      highBytes: Math.round(bytes + half),
    },
    unknownBodies,
  };
}

/** In an order that does not depend on which came first: sums are then the same to the last digit. */
function mostFirst(bodies: RuleTally['bodies']): [string, MissingBodies][] {
  const missing = ({ requests, responses }: MissingBodies): number => requests + responses;
  return [...bodies].sort(
    ([kindA, a], [kindB, b]) => missing(b) - missing(a) || (kindA < kindB ? -1 : kindA > kindB ? 1 : 0),
  );
}

function projectBodies(sample: Moments | undefined, missing: number) {
  if (missing === 0) return { sum: 0, variance: 0 };
  return sample && project(sample, missing);
}

/** The sum of estimates. Rules judge by the same samples, so that their errors go together and none makes up for another. */
export function sumEstimates(estimates: readonly Estimate[]): Estimate {
  const sum = { events: 0, bytes: 0, lowBytes: 0, highBytes: 0 };
  for (const { events, bytes, lowBytes, highBytes } of estimates) {
    sum.events += events;
    sum.bytes += bytes;
    sum.lowBytes += lowBytes;
    sum.highBytes += highBytes;
  }
  return sum;
}
