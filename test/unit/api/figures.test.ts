import {
  bytesText,
  changeText,
  countText,
  daysText,
  durationText,
  numberText,
  rateText,
  shareText,
  timeText,
} from '../../../src/api/figures.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [4_213_000, '4.21 MB'],
  [999_600, '1 MB'],
  [1.5e19, '15 EB'],
  [NaN, 'unknown'],
  [Infinity, 'unknown'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, 'no events'],
  [1, '1 event'],
  [1203, '1,203 events'],
])('%d events: %s', (number, text) => {
  expect(countText(number, 'event')).toBe(text);
});

test.each([
  [0, 10, '0 %'],
  [1, 10_000, '< 0.1 %'],
  [38, 1000, '3.8 %'],
  [38, 100, '38 %'],
  [9_999, 10_000, '> 99.9 %'],
  [10, 10, '100 %'],
  [0, 0, '–'],
])('%d of %d is %s', (part, whole, text) => {
  expect(shareText(part, whole)).toBe(text);
});

test.each([
  [62, 100, {}, '38 % less'],
  [112, 100, {}, '12 % more'],
  [310, 100, {}, '3.1 times as much'],
  [100, 100, {}, 'the same volume'],
  // More than is told makes a saving smaller, and a growth greater.
  [62, 100, { isAfterLeast: true }, 'at most 38 % less'],
  [112, 100, { isAfterLeast: true }, 'at least 12 % more'],
  [62, 100, { isBeforeLeast: true }, 'at least 38 % less'],
  [112, 100, { isBeforeLeast: true }, 'at most 12 % more'],
  [62, 100, { isAfterLeast: true, isBeforeLeast: true }, undefined],
  [62, 0, {}, undefined],
])('%d after %d with %j: %s', (after, before, bounds, text) => {
  expect(changeText(after, before, bounds)).toBe(text);
});

test('other units, and what is no figure', () => {
  expect(rateText(2.461)).toBe('2.46 events/s');
  expect(rateText(0.0001)).toBe('8.64 events/day');
  expect(rateText(0)).toBe('none');
  expect(daysText(31.2)).toBe('31 days');
  expect(daysText(0.5)).toBe('12 hours');
  expect(durationText(86_400_000 * 2 + 4 * 3_600_000)).toBe('2 days 4 h');
  expect(durationText(900_000)).toBe('15 min');
  expect(durationText(-1)).toBe('unknown');
  expect(timeText(Date.UTC(2026, 10, 23, 6))).toBe('2026-11-23 06:00 UTC');
  expect([timeText(9e15), timeText(8e15), numberText(NaN), rateText(Infinity)]).toEqual(
    Array(4).fill('unknown'),
  );
});
