import type { Timeline } from '../simulate/result.ts';
import { LIMITS } from './limits.ts';

/** One layer of the diagram. */
export interface Layer {
  name: string;
  /** Bytes in each bucket. */
  bytes: readonly number[];
  /** What the others write together. */
  isRest?: boolean;
}

/** Layers over time, with as many buckets as a person can tell apart. */
export interface TimeChart {
  startMs: number;
  bucketMs: number;
  buckets: number;
  /** From the bottom up. */
  layers: readonly Layer[];
  /** Of all layers. */
  total: readonly number[];
}

/**
 * Rules with the most bytes have a layer each, the others share one.
 * @param series what each rule writes, in the buckets of the timeline
 */
export function timeChart(
  timeline: Timeline,
  series: readonly { name: string; series: readonly number[] }[],
  most: number = LIMITS.buckets,
): TimeChart {
  const factor = Math.max(1, Math.ceil(timeline.bytes.length / most));
  const total = merged(timeline.bytes, factor);
  const writing = series
    .map(({ name, series: bytes }) => ({ name, bytes, sum: sumOf(bytes) }))
    .filter(({ sum }) => sum > 0)
    .sort((a, b) => b.sum - a.sum);
  const layers = writing
    .slice(0, LIMITS.series)
    .map(({ name, bytes }) => ({ name, bytes: merged(bytes, factor) }));
  const rest = total.map((all, index) =>
    Math.max(0, all - sumOf(layers.map(({ bytes }) => bytes[index] ?? 0))),
  );
  return {
    startMs: timeline.startMs,
    bucketMs: timeline.bucketMs * factor,
    buckets: total.length,
    layers: sumOf(rest) > 0 ? [...layers, { name: 'all others', bytes: rest, isRest: true }] : layers,
    total,
  };
}

/** A round number that is not below: the top of the axis. */
export function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 5, 6, 8].find((factor) => factor * power >= value) ?? 10) * power;
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function merged(numbers: readonly number[], factor: number): number[] {
  return Array.from({ length: Math.ceil(numbers.length / factor) }, (_, index) =>
    sumOf(numbers.slice(index * factor, (index + 1) * factor)),
  );
}
