import { mean, percentile } from '../../../bench/measure/percentile.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  test.each([
    [50, 50],
    [99, 99],
    [100, 100],
    [0, 1],
  ])('the nearest rank: %d of 1 to 100 is %d', (p, expected) => {
    expect(percentile(hundred, p)).toBe(expected);
  });

  test('of few values, a high one is the greatest', () => {
    expect(percentile([3, 1, 2], 99)).toBe(3);
    expect(percentile([7], 50)).toBe(7);
  });

  test('of nothing there is none', () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

test('mean', () => {
  expect(mean([1, 2, 6])).toBe(3);
});
