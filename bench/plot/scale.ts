/** Maps a measured value to a place on the drawing. */
export interface Scale {
  at(value: number): number;
  /** The values that get a line and a label. */
  readonly ticks: readonly number[];
}

/** Where a scale begins and ends on the drawing, in its units; `to` may be less than `from`, as it is upwards. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Powers of ten that enclose all values, each a tick; equal factors have equal lengths. */
export function logScale(values: readonly number[], range: Range): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => place((Math.log10(value) - low) / (high - low), range),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  };
}

/** From zero to a round number above all values, in at most six steps. */
export function linearScale(values: readonly number[], range: Range): Scale {
  const most = Math.max(...values);
  const step = roundUp(most / 5);
  const steps = Math.ceil(most / step);
  return {
    at: (value) => place(value / (step * steps), range),
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  };
}

function place(share: number, { from, to }: Range): number {
  return Math.round((from + share * (to - from)) * 10) / 10;
}

/** The next of 1, 2, 5, 10, 20, 50 ... */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}
