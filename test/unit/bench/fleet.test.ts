import { otherPolicy, planFleet, spread } from '../../../bench/fleet/fleet.ts';
import { LARGEST, SMALLEST, benchPolicies } from '../../../bench/fleet/policies.ts';
import { NEWEST_TESTED, OLDEST_TESTED } from '../../../src/policy/kubernetes-version.ts';
import { validatePolicy } from '../../../src/policy/validate.ts';

const policies = benchPolicies(40);

describe('benchPolicies', () => {
  test('are valid for every tested version', () => {
    for (const { policy } of policies) {
      expect(validatePolicy(policy, OLDEST_TESTED)).toEqual([]);
      expect(validatePolicy(policy, NEWEST_TESTED)).toEqual([]);
    }
  });

  test('are all different, and within the sizes that are promised', () => {
    expect(new Set(policies.map(({ hash }) => hash)).size).toBe(policies.length);
    const sizes = policies.map(({ yaml }) => Buffer.byteLength(yaml));
    expect(Math.min(...sizes)).toBeGreaterThan(SMALLEST - 400);
    expect(Math.max(...sizes)).toBeGreaterThan(LARGEST - 400);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(LARGEST);
  });

  test('are the same in every run', () => {
    expect(benchPolicies(40)).toEqual(policies);
  });
});

describe('fleet', () => {
  const fleet = planFleet('ns', 100, policies);

  test('all policies are in use, and a change names another one', () => {
    expect(new Set(fleet.clusters.map(({ policy }) => policy.name)).size).toBe(policies.length);
    for (const cluster of fleet.clusters) {
      expect(otherPolicy(fleet, cluster).hash).not.toBe(cluster.policy.hash);
    }
  });

  test('spread takes different clusters from end to end', () => {
    const taken = spread(fleet, 50).map(({ name }) => name);
    expect(new Set(taken).size).toBe(50);
    expect([taken[0], taken[49]]).toEqual(['cluster-00000', 'cluster-00098']);
    expect(spread(fleet, 1000)).toHaveLength(100);
  });
});
