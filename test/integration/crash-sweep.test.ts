import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { SCENARIOS } from '../support/crash-sweep/scenarios.ts';
import { openLabs, sweep } from '../support/crash-sweep/sweep.ts';
import type { Lab } from '../support/crash-sweep/run.ts';
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
    // Every write of the undisturbed run has had its turn.
    expect(disturbed.length).toBeGreaterThanOrEqual(undisturbed.writes);
    expect(undisturbed.writes).toBeGreaterThanOrEqual(CLUSTERS * 2);
    for (const { revertMarks, killedAfter } of disturbed) {
      // ADR 5: a kill between ConfigMap and values looks like a rival's revert to the next process. It counts one for each kill.
      for (const mark of Object.values(revertMarks)) {
        expect(Number(String(mark).split('/').at(-1))).toBeLessThanOrEqual(killedAfter.length);
      }
    }
  },
  TIMEOUT_MS,
);
