import { mean } from '../measure/percentile.ts';
import type { BenchResult, ColdRun } from '../result.ts';
import { PANEL, panelElements } from './panel.ts';
import type { Panel, Point } from './panel.ts';
import { document, group } from './svg.ts';

const FLOOR = '#8a6d00';
const OPERATOR = '#0b5fc2';
const GUIDE = '#999';
const MEMORY_TARGET_MIB = 200;

/** Draws how the cost grows with the fleet, from runs of different sizes. @throws RangeError for less than two */
export function plotSvg(results: readonly BenchResult[]): string {
  if (results.length < 2) throw new RangeError('a plot needs runs of two sizes at least');
  const sorted = results.toSorted((a, b) => a.options.clusters - b.options.clusters);
  const panels = [convergence(sorted), cpuPerCluster(sorted), memory(sorted)];
  return document(
    panels.length * PANEL.width,
    PANEL.height,
    'Cold convergence, CPU and memory by the number of clusters',
    panels.map((panel, index) => group(index * PANEL.width, 0, panelElements(panel))),
  );
}

/** Both axes logarithmic: what grows linearly is parallel to the guide. */
function convergence(results: readonly BenchResult[]): Panel {
  const operator = pointsOf(results, ({ operator: { seconds } }) => seconds);
  const last = operator.at(-1) ?? { x: 1, y: 1 };
  return {
    title: 'Cold convergence, seconds',
    y: 'log',
    series: [
      { name: 'operator', color: OPERATOR, points: operator },
      {
        name: 'floor',
        color: FLOOR,
        points: pointsOf(
          results,
          ofFloors((run) => run.seconds),
        ),
      },
      {
        name: 'linear',
        color: GUIDE,
        isGuide: true,
        points: operator.map(({ x }) => ({ x, y: (last.y * x) / last.x })),
      },
    ],
  };
}

/** What grows linearly is level here; start-up raises the left end. */
function cpuPerCluster(results: readonly BenchResult[]): Panel {
  const cpu = ({ cpu: { apiserver, client, etcd } }: ColdRun): number => apiserver + client + etcd;
  const perCluster =
    (of: (result: BenchResult) => number) =>
    (result: BenchResult): number =>
      (of(result) / result.options.clusters) * 1000;
  return {
    title: 'CPU of all per cluster, milliseconds',
    y: 'linear',
    series: [
      {
        name: 'operator',
        color: OPERATOR,
        points: pointsOf(
          results,
          perCluster(({ operator }) => cpu(operator)),
        ),
      },
      { name: 'floor', color: FLOOR, points: pointsOf(results, perCluster(ofFloors(cpu))) },
    ],
  };
}

function memory(results: readonly BenchResult[]): Panel {
  const mebibytes = (bytes: number): number => bytes / 2 ** 20;
  return {
    title: 'Resident set of the operator, MiB',
    y: 'linear',
    series: [
      {
        name: 'peak',
        color: OPERATOR,
        points: pointsOf(results, ({ operator }) => mebibytes(operator.memory.end.peakRss)),
      },
      {
        name: 'target',
        color: GUIDE,
        isGuide: true,
        points: pointsOf(results, () => MEMORY_TARGET_MIB),
      },
    ],
  };
}

function pointsOf(results: readonly BenchResult[], y: (result: BenchResult) => number): Point[] {
  return results.map((result) => ({ x: result.options.clusters, y: y(result) }));
}

function ofFloors(of: (run: ColdRun) => number): (result: BenchResult) => number {
  return ({ floors }) => mean(floors.map(of));
}
