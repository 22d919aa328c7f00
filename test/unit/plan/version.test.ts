import { targetVersion } from '../../../src/plan/version.ts';
import { SETTLED, deployment, helmRelease } from './fixtures.ts';

const ASSUMED = { major: 1, minor: 34 };
const ROLLING = { ...SETTLED, lastAttemptedGeneration: 0 };
const settled = helmRelease();
const rolling = helmRelease({ status: ROLLING });
const neverInstalled = helmRelease({ status: {} });
const at = (status?: string, annotation?: string) =>
  deployment(
    { auditPolicy: 'p' },
    status === undefined ? {} : { k8sVersion: status },
    annotation === undefined ? {} : { 'auditpolicy.dev/kubernetes-version': annotation },
  );

describe('targetVersion: the lowest that may read the policy', () => {
  test.each([
    ['nothing tells', at(), settled, 34, true],
    ['the status tells', at('v1.36.0'), settled, 36, false],
    ['the status of a cluster that was never installed tells', at('v1.36.0'), neverInstalled, 36, false],
    ['no HelmRelease yet', at('v1.36.0'), undefined, 36, false],
    ['the status may have jumped ahead of the machines', at('v1.36.0'), rolling, 34, true],
    ['even then no more than the status says', at('v1.33.1'), rolling, 33, true],
    ['the annotation tells', at(undefined, '1.35'), settled, 35, false],
    ['the annotation is lower than the status', at('v1.36.0', '1.35'), settled, 35, false],
    ['the status is lower than the annotation', at('v1.35.1+k0s.0', '1.36'), settled, 35, false],
    ['the annotation makes a roll-out certain', at('v1.36.0', '1.36'), rolling, 36, false],
    ['an unreadable status counts for nothing', at('latest'), settled, 34, true],
  ])('%s', (_case, cluster, release, minor, assumed) => {
    expect(targetVersion(cluster, release, ASSUMED)).toMatchObject({ version: { major: 1, minor }, assumed });
  });

  test.each([
    ['neither', at(), undefined],
    ['the status, certain or not', at('v1.36.0'), 36],
    ['the lower of both', at('v1.36.0', '1.35'), 35],
  ])('told by %s', (_case, cluster, minor) => {
    const { told } = targetVersion(cluster, rolling, ASSUMED);
    expect(told?.minor).toBe(minor);
  });

  test('an annotation that is no version is reported, and counts for nothing', () => {
    expect(targetVersion(at('v1.36.0', 'newest'), settled, ASSUMED)).toEqual({
      version: { major: 1, minor: 36 },
      assumed: false,
      told: { major: 1, minor: 36 },
      unreadableAnnotation: 'newest',
    });
  });
});
