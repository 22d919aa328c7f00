const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Widths of buckets that people think in, in milliseconds; each is a multiple of the one before. */
const WIDTHS = [
  SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  6 * HOUR,
  DAY,
  7 * DAY,
  28 * DAY,
  364 * DAY,
  3640 * DAY,
  36400 * DAY,
] as const;

/**
 * A sum over time, in buckets that become wider as the time becomes longer, so that there are never more than `most`. Buckets begin at
 * multiples of their width since 1970. Plain data.
 */
export interface Series {
  most: number;
  widthMs: number;
  /** By number: start in milliseconds, over the width. */
  buckets: Map<number, number>;
  first: number;
  last: number;
}

export function createSeries(most: number): Series {
  return { most, widthMs: WIDTHS[0], buckets: new Map(), first: Infinity, last: -Infinity };
}

/** A time that is not known counts nowhere. */
export function addTo(series: Series, timeMs: number, value: number): void {
  if (Number.isNaN(timeMs)) return;
  put(series, Math.floor(timeMs / series.widthMs), value);
  while (series.last - series.first >= series.most) if (!widen(series)) return;
}

export function mergeSeries(into: Series, from: Series): void {
  while (into.widthMs < from.widthMs && widen(into));
  for (const [bucket, value] of from.buckets) addTo(into, bucket * from.widthMs, value);
}

/** The values of so many buckets of this width from `startMs` on. The width is at least the series' own. */
export function valuesOf(series: Series, startMs: number, widthMs: number, buckets: number): number[] {
  const values = Array.from({ length: buckets }, () => 0);
  for (const [bucket, value] of series.buckets) {
    const index = Math.floor((bucket * series.widthMs - startMs) / widthMs);
    if (index >= 0 && index < buckets) values[index] = (values[index] ?? 0) + value;
  }
  return values;
}

function put(series: Series, bucket: number, value: number): void {
  series.buckets.set(bucket, (series.buckets.get(bucket) ?? 0) + value);
  if (bucket < series.first) series.first = bucket;
  if (bucket > series.last) series.last = bucket;
}

function widen(series: Series): boolean {
  const width = WIDTHS[(WIDTHS as readonly number[]).indexOf(series.widthMs) + 1];
  if (width === undefined) return false;
  const old = [...series.buckets];
  const oldWidth = series.widthMs;
  Object.assign(series, createSeries(series.most), { widthMs: width });
  for (const [bucket, value] of old) put(series, Math.floor((bucket * oldWidth) / width), value);
  return true;
}
