import { linearScale, logScale } from './scale.ts';
import type { Scale } from './scale.ts';
import { circle, line, path, text } from './svg.ts';

/** A named row of points, drawn as a line. */
export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly Point[];
  /** A guide for the eye: dashed, without points and values. */
  readonly isGuide?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One diagram of several that share the x axis: clusters, logarithmic. */
export interface Panel {
  readonly title: string;
  readonly y: 'log' | 'linear';
  readonly series: readonly Series[];
}

export const PANEL = { width: 360, height: 330 } as const;
const INSET = { left: 52, right: 28, top: 40, bottom: 62 } as const;
const BOTTOM = PANEL.height - INSET.bottom;
const RIGHT = PANEL.width - INSET.right;

/** The elements of one panel, in its own coordinates. */
export function panelElements({ title, y, series }: Panel): string[] {
  const points = series.flatMap((each) => each.points);
  const xScale = logScale(
    points.map((point) => point.x),
    { from: INSET.left, to: RIGHT },
  );
  const yScale = (y === 'log' ? logScale : linearScale)(
    points.map((point) => point.y),
    { from: BOTTOM, to: INSET.top },
  );
  return [
    text(INSET.left, 20, title, { class: 'title' }),
    ...xAxis(xScale),
    ...yAxis(yScale),
    ...series.flatMap((each) => seriesElements(each, xScale, yScale)),
    ...legend(series),
  ];
}

function xAxis(scale: Scale): string[] {
  return [
    ...scale.ticks.flatMap((tick) => [
      line(scale.at(tick), INSET.top, scale.at(tick), BOTTOM, 'grid'),
      text(scale.at(tick), BOTTOM + 15, label(tick), { class: 'middle' }),
    ]),
    text((INSET.left + RIGHT) / 2, BOTTOM + 32, 'clusters', { class: 'middle' }),
  ];
}

function yAxis(scale: Scale): string[] {
  return scale.ticks.flatMap((tick) => [
    line(INSET.left, scale.at(tick), RIGHT, scale.at(tick), 'grid'),
    text(INSET.left - 6, scale.at(tick) + 4, label(tick), { class: 'end' }),
  ]);
}

function seriesElements({ color, isGuide = false, points }: Series, x: Scale, y: Scale): string[] {
  const places = points.map((point) => ({ x: x.at(point.x), y: y.at(point.y), value: point.y }));
  const drawn = path(places, color, isGuide);
  if (isGuide) return [drawn];
  return [drawn, ...places.map((at) => circle(at.x, at.y, color, label(at.value)))];
}

function legend(series: readonly Series[]): string[] {
  const width = (RIGHT - INSET.left) / series.length;
  return series.flatMap(({ color, isGuide = false, name }, index) => {
    const x = INSET.left + index * width;
    const y = PANEL.height - 10;
    const ends = [x, x + 18].map((end) => ({ x: end, y: y - 4 }));
    return [path(ends, color, isGuide), text(x + 22, y, name, {})];
  });
}

/** Three digits, thousands apart. */
function label(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US');
}
