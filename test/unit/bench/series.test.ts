import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { plotSvg } from '../../../bench/plot/plot.ts';
import { linearScale, logScale } from '../../../bench/plot/scale.ts';
import { SeriesFile } from '../../../bench/series.ts';
import type { BenchResult, ColdRun } from '../../../bench/result.ts';

function coldRun(seconds: number): ColdRun {
  const cpu = { apiserver: seconds, etcd: seconds / 10, client: seconds / 5, others: 0 };
  return { seconds, firstReadySeconds: 0.2, cpu, requests: [] };
}

/** A run whose operator takes 1.1 times as long as the floor, which takes 10 ms for a cluster. */
function result(clusters: number, peakMib = 100): BenchResult {
  const floor = coldRun(clusters / 100);
  const memory = { rss: peakMib * 2 ** 20, peakRss: peakMib * 2 ** 20 };
  const changes = { p50: 10, p99: 20, all: [10, 20] };
  return {
    measuredAt: '2026-01-01T00:00:00.000Z',
    machine: { cores: 2, cpu: 'some', memoryBytes: 2 ** 34, node: 'v24.0.0', kubernetes: 'v1.36.3' },
    options: { clusters, policies: 40, changes: 2, quietSeconds: 1, waitMinutes: 0, startRuns: 1 },
    sizes: { clusterDeployment: 8800, helmRelease: 5600, smallestPolicy: 2400, largestPolicy: 8100 },
    floors: [floor, floor],
    operator: {
      ...coldRun((clusters / 100) * 1.1),
      trailingSeconds: 1,
      memory: { converged: memory, end: memory },
      writesAfterSettling: [],
      quiet: { seconds: 1, writes: [] },
      logLines: 0,
    },
    changes: { floor: changes, operator: changes },
    ratio: 1.1,
  };
}

describe('a series of runs', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bench-series-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  test('is kept run by run, by size, and a later run takes the place of an earlier one', async () => {
    const [json, svg] = [join(dir, 'series.json'), join(dir, 'series.svg')];
    for (const each of [result(1000), result(10), result(1000, 150)])
      await new SeriesFile(json, svg).put(each);
    const kept = JSON.parse(await readFile(json, 'utf8')) as BenchResult[];
    expect(kept).toEqual([result(10), result(1000, 150)]);
    expect(await readFile(svg, 'utf8')).toBe(plotSvg(kept));
  });

  test('a file that is no series is not overwritten', async () => {
    await expect(new SeriesFile(dir, undefined).put(result(10))).rejects.toThrow('EISDIR');
  });
});

describe('plotSvg', () => {
  const svg = plotSvg([result(1000, 170), result(10, 90), result(100, 120)]);

  test('draws a point for each run of operator and floor, with its value', () => {
    expect(svg.match(/<circle /g)).toHaveLength(2 * 3 + 2 * 3 + 3);
    for (const value of ['0.11', '1.1', '11', '0.1', '1', '10', '14.3', '13', '90', '120', '170'])
      expect(svg).toContain(`<title>${value}</title>`);
  });

  test('what grows linearly is parallel to the guide', () => {
    const slopes = [...svg.matchAll(/<path d="M(\S+) (\S+?)L(\S+) (\S+?)L/g)].map(([, ...numbers]) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers.map(Number);
      return (y2 - y1) / (x2 - x1);
    });
    const [operator = 0, floor = 0, guide = 0] = slopes;
    expect(operator).toBeCloseTo(guide, 2);
    expect(floor).toBeCloseTo(guide, 2);
    expect(guide).toBeLessThan(0);
  });

  test('stays within the drawing', () => {
    const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
    const xs = [...svg.matchAll(/ (?:x|x1|x2|cx)="([-\d.]+)"/g)].map(([, x]) => Number(x));
    const ys = [...svg.matchAll(/ (?:y|y1|y2|cy)="([-\d.]+)"/g)].map(([, y]) => Number(y));
    expect([Math.min(...xs) >= 0, Math.max(...xs) <= width / 3]).toEqual([true, true]);
    expect([Math.min(...ys) >= 0, Math.max(...ys) <= height]).toEqual([true, true]);
  });

  test('needs two sizes', () => {
    expect(() => plotSvg([result(10)])).toThrow(RangeError);
  });
});

describe('scales', () => {
  test('a logarithmic one begins and ends at powers of ten', () => {
    const scale = logScale([12, 900], { from: 0, to: 200 });
    expect([scale.ticks, scale.at(10), scale.at(100), scale.at(1000)]).toEqual([
      [10, 100, 1000],
      0,
      100,
      200,
    ]);
    expect(logScale([10, 10], { from: 0, to: 1 }).ticks).toEqual([10, 100]);
  });

  test('a linear one begins at zero and ends above the largest value', () => {
    const scale = linearScale([3, 187], { from: 100, to: 0 });
    expect([scale.ticks, scale.at(0), scale.at(200)]).toEqual([[0, 50, 100, 150, 200], 100, 0]);
    expect(linearScale([0.013], { from: 0, to: 1 }).ticks.at(-1)).toBeCloseTo(0.015);
  });
});
