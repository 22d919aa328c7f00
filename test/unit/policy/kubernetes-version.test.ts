import {
  compareVersions,
  formatVersion,
  NEWEST_TESTED,
  OLDEST_TESTED,
  oldestVersion,
  parseKubernetesVersion,
} from '../../../src/policy/kubernetes-version.ts';

test.each([
  ['v1.32.8+k0s.0', 1, 32],
  ['1.34', 1, 34],
  ['v1.36', 1, 36],
  ['v1.36.0-rc.1', 1, 36],
  ['v1.30.5-gke.1443001', 1, 30],
  ['1.29+', 1, 29],
  [' v1.35.2\n', 1, 35],
  ['v2.0.1', 2, 0],
])('%j', (text, major, minor) => {
  expect(parseKubernetesVersion(text)).toEqual({ major, minor });
});

test.each([
  '',
  'v1',
  '1',
  'latest',
  'v1.x',
  '1.34.x',
  'v1.34.1.2',
  'vv1.34',
  '1.34 beta',
  '1.34.1-é',
  '1.3456',
  '-1.34',
])('%j is no version', (text) => {
  expect(parseKubernetesVersion(text)).toBeUndefined();
});

test('order', () => {
  const [a, b, c] = [
    { major: 1, minor: 9 },
    { major: 1, minor: 34 },
    { major: 2, minor: 0 },
  ];
  expect(compareVersions(a, b)).toBeLessThan(0);
  expect(compareVersions(c, b)).toBeGreaterThan(0);
  expect(compareVersions(b, { ...b })).toBe(0);
  expect(oldestVersion([b, c, a])).toEqual(a);
  expect(oldestVersion([])).toBeUndefined();
  expect(formatVersion(b)).toBe('1.34');
  expect(compareVersions(OLDEST_TESTED, NEWEST_TESTED)).toBeLessThan(0);
});
