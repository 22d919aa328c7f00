import type { BenchPolicy } from './policies.ts';

/** One cluster of a fleet: its name and the policy that it names at the moment. */
export interface BenchCluster {
  name: string;
  policy: BenchPolicy;
}

/** Clusters of one namespace. Several fleets of one shape are measured in one run. */
export interface Fleet {
  namespace: string;
  policies: readonly BenchPolicy[];
  clusters: BenchCluster[];
}

/** A fleet of `size` clusters that take the policies in turn. */
export function planFleet(namespace: string, size: number, policies: readonly BenchPolicy[]): Fleet {
  const clusters = Array.from({ length: size }, (_, index) => ({
    name: `cluster-${String(index).padStart(5, '0')}`,
    policy: policies[index % policies.length]!,
  }));
  return { namespace, policies, clusters };
}

/** At most `count` clusters, spread evenly over the fleet. */
export function spread(fleet: Fleet, count: number): BenchCluster[] {
  const { clusters } = fleet;
  const taken = Math.min(count, clusters.length);
  return Array.from(
    { length: taken },
    (_, index) => clusters[Math.floor((index * clusters.length) / taken)]!,
  );
}

/** The policy after the cluster's own: another content. */
export function otherPolicy({ policies }: Fleet, cluster: BenchCluster): BenchPolicy {
  return policies[(policies.indexOf(cluster.policy) + 1) % policies.length]!;
}
