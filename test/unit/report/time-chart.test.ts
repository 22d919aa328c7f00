import fc from 'fast-check';
import { roundUp, sumOf, timeChart } from '../../../src/report/time-chart.ts';

const BYTES = fc.array(fc.nat(1e6), { minLength: 1, maxLength: 400 });

test('layers add up to the whole, whatever has a layer of its own', () => {
  fc.assert(
    fc.property(fc.array(BYTES, { minLength: 1, maxLength: 12 }), (rows) => {
      const length = Math.max(...rows.map((row) => row.length));
      const bytes = Array.from({ length }, (_, index) => sumOf(rows.map((row) => row[index] ?? 0)));
      const series = rows.map((row, index) => ({ name: `rule ${index + 1}`, series: row }));
      const chart = timeChart({ startMs: 0, bucketMs: 1000, bytes }, series);
      expect(chart.buckets).toBeLessThanOrEqual(96);
      expect(chart.layers.length).toBeLessThanOrEqual(6);
      expect(sumOf(chart.total)).toBe(sumOf(bytes));
      const stacked = chart.total.map((_, index) =>
        sumOf(chart.layers.map((layer) => layer.bytes[index] ?? 0)),
      );
      expect(stacked).toEqual(chart.total);
    }),
  );
});

test('buckets that are merged are wider', () => {
  const chart = timeChart({ startMs: 5, bucketMs: 1000, bytes: Array<number>(200).fill(1) }, []);
  expect(chart).toMatchObject({ startMs: 5, bucketMs: 3000, buckets: 67 });
});

test('the top of an axis is a round number that is not below', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e15, noNaN: true }), (value) => {
      const top = roundUp(value);
      expect(top).toBeGreaterThanOrEqual(value);
      expect(top / value).toBeLessThanOrEqual(2);
    }),
  );
  expect([roundUp(0), roundUp(NaN), roundUp(32e6)]).toEqual([1, 1, 40e6]);
});
