import { ownText } from './own-text.ts';

/** How large bodies are, by kind of request: what is needed to judge by them of bodies that were not recorded. Plain data. */
export interface Moments {
  count: number;
  sum: number;
  sumOfSquares: number;
}

interface BodySample {
  request: Moments;
  response: Moments;
  /** The same bodies without their managed fields. */
  requestBare: Moments;
  responseBare: Moments;
}

export type Samples = Map<string, BodySample>;

/** Kinds of requests that are sampled; there are some hundreds in a cluster. */
const MAX_KINDS = 5000;

export function createMoments(): Moments {
  return { count: 0, sum: 0, sumOfSquares: 0 };
}

export function addMoment(moments: Moments, value: number): void {
  moments.count++;
  moments.sum += value;
  moments.sumOfSquares += value * value;
}

/** @returns undefined when there are too many kinds already */
export function sampleOf(samples: Samples, kind: string): BodySample | undefined {
  let sample = samples.get(kind);
  if (sample === undefined && samples.size < MAX_KINDS) {
    sample = {
      request: createMoments(),
      response: createMoments(),
      requestBare: createMoments(),
      responseBare: createMoments(),
    };
    samples.set(ownText(kind), sample);
  }
  return sample;
}

export function mergeSamples(into: Samples, from: Samples): void {
  for (const [kind, sample] of from) {
    const known = sampleOf(into, kind);
    if (known === undefined) continue;
    for (const part of ['request', 'response', 'requestBare', 'responseBare'] as const)
      mergeMoments(known[part], sample[part]);
  }
}

function mergeMoments(into: Moments, from: Moments): void {
  into.count += from.count;
  into.sum += from.sum;
  into.sumOfSquares += from.sumOfSquares;
}

/** A sum of so many values like the sampled ones, and its variance. */
interface Projection {
  sum: number;
  variance: number;
}

/** Fewer tell nothing of how they scatter. */
const LEAST_SAMPLES = 5;

/** @returns undefined where the sample is too small to judge by */
export function project({ count, sum, sumOfSquares }: Moments, missing: number): Projection | undefined {
  if (count < LEAST_SAMPLES) return undefined;
  const mean = sum / count;
  const variance = Math.max(0, (sumOfSquares - count * mean * mean) / (count - 1));
  // Of the values themselves, and of the mean that was taken for theirs; of few samples the variance is not known well.
  const uncertainty = missing * variance + (missing * missing * variance) / count;
  return { sum: missing * mean, variance: uncertainty * widening(count) };
}

/** Student's t for 95 %, over that of many samples, squared: 2.0 for five samples, 1.3 for ten. Near enough to the tables. */
function widening(count: number): number {
  return (1 + 1.68 / (count - 1)) ** 2;
}

/** Half of the interval in which 95 % of such sums lie, for sums of many parts. */
export function margin(variance: number): number {
  return 1.96 * Math.sqrt(variance);
}
