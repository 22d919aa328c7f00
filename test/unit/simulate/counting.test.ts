import fc from 'fast-check';
import { count, createCounter, mergeCounter, top, type Counter } from '../../../src/simulate/counter.ts';
import { estimateRule, sumEstimates } from '../../../src/simulate/estimate.ts';
import { retainedBytes } from '../../../src/simulate/retention.ts';
import {
  addMoment,
  createMoments,
  margin,
  mergeSamples,
  project,
  sampleOf,
  type Samples,
} from '../../../src/simulate/samples.ts';
import { addTo, createSeries, mergeSeries, valuesOf, type Series } from '../../../src/simulate/series.ts';
import { createTally } from '../../../src/simulate/tally.ts';
import { timestampAt } from '../../../src/simulate/timestamps.ts';

const named = fc.tuple(
  fc.constantFrom(...'abcdefghij'.split(''), '__proto__', 'x'.repeat(300)),
  fc.nat(5),
  fc.nat(1000),
);

function counted(width: number, entries: readonly (readonly [string, number, number])[]): Counter {
  const counter = createCounter(width);
  for (const [name, events, bytes] of entries) count(counter, name, events, bytes);
  return counter;
}

function total({ names, others }: Counter): { events: number; bytes: number } {
  return [...names.values(), others].reduce((sum, { events, bytes }) => ({
    events: sum.events + events,
    bytes: sum.bytes + bytes,
  }));
}

test('a counter forgets names, never events: it stays within its bounds, and the total is exact', () => {
  fc.assert(
    fc.property(fc.array(named), fc.array(named), fc.integer({ min: 1, max: 5 }), (first, second, width) => {
      const merged = counted(width, first);
      mergeCounter(merged, counted(width, second));
      for (const counter of [counted(width, [...first, ...second]), merged]) {
        expect(total(counter)).toEqual(total(counted(100, [...first, ...second])));
        expect(counter.names.size).toBeLessThanOrEqual(2 * width);
      }
    }),
  );
});

test('while all names fit, counters merge either way round to what one would have counted', () => {
  fc.assert(
    fc.property(fc.array(named), fc.array(named), (first, second) => {
      const merged = counted(20, first);
      mergeCounter(merged, counted(20, second));
      const reversed = counted(20, second);
      mergeCounter(reversed, counted(20, first));
      const all = top(counted(20, [...first, ...second]), 99);
      expect(top(merged, 99)).toEqual(all);
      expect(top(reversed, 99)).toEqual(all);
    }),
  );
});

test('of many names, one with more bytes than all others together is always kept', () => {
  const entries = Array.from({ length: 1000 }, (_, i) => [`name-${i}`, 1, 1] as const);
  const counter = counted(5, [['big', 1, 5000], ...entries, ['big', 1, 1]]);
  expect(top(counter, 1)).toEqual([{ name: 'big', events: 2, bytes: 5001 }]);
});

const moment = fc.tuple(
  fc.oneof(fc.integer({ min: 0, max: 1e13 }), fc.integer({ min: 1.7e12, max: 1.7e12 + 1e6 })),
  fc.nat(100),
);

function series(most: number, moments: readonly (readonly [number, number])[]): Series {
  const one = createSeries(most);
  for (const [time, value] of moments) addTo(one, time, value);
  return one;
}

const plain = ({ widthMs, buckets, first, last }: Series) => ({
  widthMs,
  first,
  last,
  buckets: Object.fromEntries(buckets),
});

test('a series has no more buckets than allowed, loses nothing, and merges either way round', () => {
  fc.assert(
    fc.property(
      fc.array(moment),
      fc.array(moment),
      fc.integer({ min: 24, max: 240 }),
      (first, second, most) => {
        const whole = series(most, [...first, ...second]);
        const values = [...first, ...second].reduce((sum, [, value]) => sum + value, 0);
        expect([...whole.buckets.values()].reduce((sum, value) => sum + value, 0)).toBe(values);
        expect(whole.buckets.size).toBeLessThanOrEqual(most);
        const merged = series(most, first);
        mergeSeries(merged, series(most, second));
        expect(plain(merged)).toEqual(plain(whole));
        const reversed = series(most, second);
        mergeSeries(reversed, series(most, first));
        expect(plain(reversed)).toEqual(plain(whole));
        // Of no moments there is no first.
        const start = whole.buckets.size === 0 ? 0 : whole.first * whole.widthMs;
        const shown = valuesOf(whole, start, whole.widthMs, most);
        expect(shown.reduce((sum, value) => sum + value, 0)).toBe(values);
      },
    ),
  );
});

test('times that no clock tells: none, and all there are', () => {
  const odd = series(24, [
    [NaN, 1],
    [-8.64e15, 2],
    [8.64e15, 3],
    [0, 4],
  ]);
  expect([...odd.buckets.values()].toSorted()).toEqual([2, 3, 4]);
});

/** Seeded: the same draws each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.each([
  ['alike', (draw: () => number) => 1000 + draw() * 100, 0.9, 1],
  ['some much larger than others', (draw: () => number) => Math.exp(5 + 2 * draw()), 0.9, 1],
] as const)(
  'bodies that are %s: the interval holds what was missing in about 95 of 100 draws',
  (_, size, least, most) => {
    const draw = random(7);
    const draws = 2000;
    let held = 0;
    for (let i = 0; i < draws; i++) {
      const known = createMoments();
      for (let n = 0; n < 40; n++) addMoment(known, size(draw));
      let truth = 0;
      const missing = 100;
      for (let n = 0; n < missing; n++) truth += size(draw);
      const { sum, variance } = project(known, missing) ?? { sum: NaN, variance: NaN };
      if (Math.abs(truth - sum) <= margin(variance)) held++;
    }
    expect(held / draws).toBeGreaterThan(least);
    expect(held / draws).toBeLessThan(most);
  },
);

test('from fewer than five bodies nothing is judged', () => {
  const known = createMoments();
  for (let n = 0; n < 4; n++) addMoment(known, 100);
  expect(project(known, 10)).toBeUndefined();
  addMoment(known, 100);
  expect(project(known, 10)).toEqual({ sum: 1000, variance: 0 });
});

test('samples merge to what one would have, and a kind that there is no room for takes no other away', () => {
  const add = (samples: Samples, kind: string) => {
    const sample = sampleOf(samples, kind);
    if (sample) addMoment(sample.request, 10);
  };
  const into: Samples = new Map();
  for (let i = 0; i < 6000; i++) add(into, `kind ${i}`);
  expect(into.size).toBe(5000);
  const from: Samples = new Map();
  for (const kind of ['unknown', 'kind 1']) add(from, kind);
  mergeSamples(into, from);
  expect(into.size).toBe(5000);
  expect(into.get('kind 1')?.request).toEqual({ count: 2, sum: 20, sumOfSquares: 200 });
});

test('a rule with bodies that nothing in the log is like says which', () => {
  const rule = createTally([1], 0).policies[0]?.rules[1];
  if (rule === undefined) throw new Error('no rule');
  rule.bodies.set('create pods', { requests: 2, responses: 0, isBare: false });
  rule.bodies.set('create secrets', { requests: 2, responses: 0, isBare: false });
  const samples: Samples = new Map();
  const sample = sampleOf(samples, 'create pods');
  for (const size of [90, 110, 90, 110, 100]) addMoment(sample?.request ?? createMoments(), size);
  const { estimate, unknownBodies } = estimateRule(rule, samples, { received: true, started: true });
  expect(unknownBodies).toEqual(['create secrets']);
  expect(estimate).toMatchObject({ events: 0, bytes: 200 });
  expect(estimate.lowBytes).toBeLessThan(200);
  expect(estimate.highBytes - 200).toBe(200 - estimate.lowBytes);
  const twice = sumEstimates([estimate, estimate]);
  expect(twice.bytes).toBe(400);
  // Both judge by the same samples: if those are too small, both are.
  expect(twice.highBytes - 400).toBe(2 * (estimate.highBytes - 200));
  expect(sumEstimates([])).toEqual({ events: 0, bytes: 0, lowBytes: 0, highBytes: 0 });
});

test('what an API server keeps: its file and the older ones, or all there ever was', () => {
  expect(retainedBytes(100, 10)).toBe(11 * 100 * 1024 * 1024);
  expect(retainedBytes(100, 0)).toBeUndefined();
});

test('timestamps are read as Date reads them', () => {
  const at = (text: string) => timestampAt(Buffer.from(text), 0, Buffer.byteLength(text));
  fc.assert(
    fc.property(
      fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
      (date) => {
        const text = date.toISOString();
        expect(at(text)).toBe(date.getTime());
        expect(at(text.replace(/\.\d+Z/, 'Z'))).toBe(Math.floor(date.getTime() / 1000) * 1000);
      },
    ),
  );
  expect(at('2026-01-01T00:00:00.123456Z')).toBe(Date.UTC(2026, 0, 1) + 123);
  expect(at('2026-01-01T02:00:00+02:00')).toBe(Date.UTC(2026, 0, 1));
});

test.each([
  '',
  'Z',
  'yesterday',
  '2026-13-01T00:00:00Z',
  '2026-01-01T00:61:00Z',
  'XXXX-01-01T00:00:00Z',
  '2026-01-01T00:00:0xZ',
  'x'.repeat(100),
  `${'9'.repeat(40)}Z`,
])('%j is no time', (text) => {
  expect(timestampAt(Buffer.from(text), 0, text.length)).toBeNaN();
});
