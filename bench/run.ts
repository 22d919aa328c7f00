import { cpus, totalmem } from 'node:os';
import { apiFromKubeconfig } from '../test/support/api.ts';
import { installCrds } from '../test/support/install-crds.ts';
import { readKubeconfig } from '../test/support/kubeconfig.ts';
import { startControlPlane } from '../test/control-plane/start.ts';
import { planFleet } from './fleet/fleet.ts';
import type { Fleet } from './fleet/fleet.ts';
import { benchPolicies } from './fleet/policies.ts';
import { seedFleet } from './fleet/seed.ts';
import type { SeedSizes } from './fleet/seed.ts';
import { verifyFleet } from './fleet/verify.ts';
import { untilMachineQuiet } from './measure/meter.ts';
import { mean } from './measure/percentile.ts';
import { memoryOf } from './measure/usage.ts';
import { buildOperator } from './operator.ts';
import type { BenchOptions } from './options.ts';
import { coldFloor, coldOperator } from './phases/cold.ts';
import type { Bench, Fleets } from './phases/context.ts';
import { settledPhases } from './phases/settled.ts';
import { measureStart, START_COMMANDS } from './phases/start.ts';
import type { Progress } from './progress.ts';
import type { BenchResult } from './result.ts';

/**
 * Runs the whole bench: builds, starts an API server, seeds, measures floor, operator and floor, stops everything.
 * @throws Error when the operator, or a floor, has not done its work right; the signal's reason when it is aborted
 */
export async function runBench(
  options: BenchOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<BenchResult> {
  progress.step('starting etcd and kube-apiserver');
  const controlPlane = await startControlPlane();
  try {
    signal.throwIfAborted();
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    const connection = await readKubeconfig(controlPlane.kubeconfig);
    await installCrds(api);
    return await measure({ options, api, connection, controlPlane, signal, progress });
  } finally {
    await controlPlane.stop();
  }
}

async function measure(bench: Bench): Promise<BenchResult> {
  const { options, api, controlPlane, signal, progress } = bench;
  const policies = benchPolicies(options.policies);
  const fleet = (name: string): Fleet => planFleet(name, options.clusters, policies);
  const fleets: Fleets = { floorA: fleet('floor-a'), operated: fleet('operated'), floorB: fleet('floor-b') };
  const sizes = await seed(bench, fleets);
  if (options.waitMinutes > 0) {
    progress.step(`waiting ${options.waitMinutes} minutes at most for the machine to be quiet`);
    const isQuiet = await untilMachineQuiet(controlPlane, options.waitMinutes, signal);
    progress.step(isQuiet ? 'it is quiet' : 'it is not quiet');
    // The operator that is built now may want other CRDs than the one of then.
    await installCrds(api);
  }
  progress.step('building the operator');
  await buildOperator();

  const floorA = await coldFloor(bench, fleets.floorA);
  const { operator, cold, trailingSeconds } = await coldOperator(bench, fleets.operated);
  try {
    const converged = await memoryOf(operator.pid);
    const floorB = await coldFloor(bench, fleets.floorB);
    progress.step('verifying every ConfigMap, HelmRelease and condition');
    for (const each of [fleets.floorA, fleets.operated, fleets.floorB]) await verifyFleet(api, each);
    const { changes, ...settled } = await settledPhases(bench, fleets);
    progress.step('verifying once more');
    await verifyFleet(api, fleets.operated);
    await operator.assertRunning();
    const end = await memoryOf(operator.pid);
    const start = await measureStart(START_COMMANDS, options.startRuns, signal, progress);
    const logLines = (await operator.log()).split('\n').length - 1;
    return {
      measuredAt: new Date().toISOString(),
      machine: machine(bench),
      options,
      sizes: {
        ...sizes,
        smallestPolicy: Math.min(...policies.map(({ yaml }) => yaml.length)),
        largestPolicy: Math.max(...policies.map(({ yaml }) => yaml.length)),
      },
      floors: [floorA, floorB],
      operator: { ...cold, trailingSeconds, memory: { converged, end }, ...settled, logLines },
      changes,
      start,
      ratio: cold.seconds / mean([floorA.seconds, floorB.seconds]),
    };
  } finally {
    await operator.stop();
  }
}

async function seed({ api, signal, progress, options }: Bench, fleets: Fleets): Promise<SeedSizes> {
  let seeded = 0;
  const onCluster = (): void => {
    progress.count('seeding clusters', ++seeded, 3 * options.clusters);
  };
  await seedFleet(api, fleets.floorA, signal, onCluster);
  await seedFleet(api, fleets.floorB, signal, onCluster);
  return await seedFleet(api, fleets.operated, signal, onCluster);
}

function machine({ controlPlane }: Bench): BenchResult['machine'] {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryBytes: totalmem(),
    node: process.version,
    kubernetes: controlPlane.version,
  };
}
