import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { EDITED_WHILE_DOWN, SCENARIOS, scenarioNamed } from '../support/crash-sweep/scenarios.ts';
import { killAfterEach, openLabs, sweep } from '../support/crash-sweep/sweep.ts';
import { run, type Lab } from '../support/crash-sweep/run.ts';
import { buildProgram, type BuiltProgram } from '../support/operator-process.ts';

/** With six clusters, and killed twice in a row: `npm run test:long -- --only crash-sweep`. */
const CLUSTERS = 2;
const SIDE_BY_SIDE = 3;
const TIMEOUT_MS = 180_000;

let api: Api;
let program: BuiltProgram;
let labs: Lab[];
let close: () => Promise<void>;

beforeAll(async () => {
  program = buildProgram();
  api = await sharedApi();
  ({ labs, close } = await openLabs(api, program, sharedOperatorKubeconfig(), SIDE_BY_SIDE));
});

afterAll(async () => {
  await close();
  api.close();
  program.remove();
});

test.each(SCENARIOS)(
  'F1: $name: killed after any of its writes, it ends as if it had not been',
  async (scenario) => {
    const { undisturbed, disturbed } = await sweep(labs, scenario, CLUSTERS);
    // Every write of the undisturbed run has had its turn; a policy counts its clusters from time to time, and may do so in one run only.
    expect(disturbed.length).toBeGreaterThanOrEqual(undisturbed.writes - 1);
    expect(undisturbed.writes).toBeGreaterThanOrEqual(CLUSTERS * 2);
    expect(disturbed.flatMap(({ warnings }) => warnings)).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each(EDITED_WHILE_DOWN)(
  'F1: $name while the operator is down: nothing half-done stays',
  async (scenario) => {
    // From the first ConfigMap to the first values; all of them in test:long.
    const killed = await killAfterEach(labs, scenario, CLUSTERS, [3, 4, 5]);
    expect(killed).toBe(3);
  },
  TIMEOUT_MS,
);

test('F1: a crash loop at the same cluster is taken for no rival', async () => {
  const [lab] = labs;
  if (lab === undefined) throw new Error('no lab');
  const create = scenarioNamed('create');
  const { state } = await run(lab, create, { clusters: 1, kills: [] });
  // Status of the policy, revision, ConfigMap: killed; then again after whatever each process that follows does first.
  const { killedAfter } = await run(lab, create, { clusters: 1, kills: [3, 1, 1], expected: state });
  expect(killedAfter).toHaveLength(3);
  expect(killedAfter[0]).toMatch(/^POST configmaps/);
});
