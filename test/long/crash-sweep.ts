import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { run, type Lab, type Run } from '../support/crash-sweep/run.ts';
import {
  EDITED_WHILE_DOWN,
  SCENARIOS,
  scenarioNamed,
  type CrashScenario,
} from '../support/crash-sweep/scenarios.ts';
import { killAfterEach, openLabs, sideBySide, sweep } from '../support/crash-sweep/sweep.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { buildProgram } from '../support/operator-process.ts';

/**
 * Kills the built operator after every single write of each scenario on six clusters, and after samples of two writes in a row; each
 * time the end must be that of the undisturbed run. `node test/long/crash-sweep.ts [--seed N] [--only SCENARIO]... [--clusters N]
 * [--samples N]`; exit status 1 on any difference.
 */
const SIDE_BY_SIDE = 3;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string', multiple: true },
    clusters: { type: 'string', default: '6' },
    samples: { type: 'string', default: '8' },
  },
});
const seed = Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31));
const clusters = Number(values.clusters);
const samples = Number(values.samples);
const scenarios =
  values.only === undefined ? [...SCENARIOS, ...EDITED_WHILE_DOWN] : values.only.map(scenarioNamed);

/** Kills twice in a row, after sampled writes that are both needed. */
async function killRepeatedly(
  labs: readonly Lab[],
  scenario: CrashScenario,
  undisturbed: Run,
): Promise<number> {
  const last = undisturbed.writes - 1;
  const both = fc
    .integer({ min: 1, max: last })
    .chain((k) => fc.tuple(fc.constant(k), fc.integer({ min: 1, max: last + 1 - k })));
  const waiting = fc.sample(both, { seed, numRuns: samples });
  let killed = 0;
  await sideBySide(labs, async (lab) => {
    const kills = waiting.pop();
    if (kills === undefined) return false;
    const { killedAfter } = await run(lab, scenario, { clusters, kills, expected: undisturbed.state });
    killed += killedAfter.length;
    return true;
  });
  return killed;
}

async function check(labs: readonly Lab[], scenario: CrashScenario): Promise<string> {
  if (scenario.whileDown) {
    // Status of the policy, revision, and two of the three writes of each cluster, so that there is always something left to do.
    const ks = Array.from({ length: 2 + 2 * clusters }, (_, index) => index + 1);
    return `killed after each of ${await killAfterEach(labs, scenario, clusters, ks)}`;
  }
  const { undisturbed, disturbed } = await sweep(labs, scenario, clusters);
  const more = Math.max(0, ...disturbed.map(({ writes }) => writes - undisturbed.writes));
  const killed = await killRepeatedly(labs, scenario, undisturbed);
  return [
    `${undisturbed.writes} writes undisturbed`,
    `killed after each of ${disturbed.length}`,
    `${killed} kills in ${samples} runs of two`,
    `at most ${more} writes more`,
  ].join(', ');
}

console.log(`seed ${seed}, ${clusters} clusters`);
const folder = await mkdtemp(join(tmpdir(), 'audit-policy-crash-'));
const program = buildProgram();
const controlPlane = await startControlPlane();
let failed = 0;
try {
  const api = await apiFromKubeconfig(controlPlane.kubeconfig);
  await installCrds(api);
  await installRbac(api);
  const kubeconfig = await operatorKubeconfig(api, join(folder, 'operator'));
  const { labs, close } = await openLabs(api, program, kubeconfig, SIDE_BY_SIDE);
  for (const scenario of scenarios) {
    const started = performance.now();
    const found = await check(labs, scenario).catch((error: unknown) => {
      failed += 1;
      return `FAILED\n${error instanceof Error ? error.message : String(error)}`;
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${scenario.name}: ${found} (${seconds} s)`);
  }
  await close();
  api.close();
} finally {
  await controlPlane.stop();
  program.remove();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${scenarios.length - failed} scenarios passed, ${failed} failed (seed ${seed})`);
process.exitCode = failed > 0 ? 1 : 0;
