import { parseArgs } from 'node:util';
import { runNode } from './child.ts';

/**
 * Runs hundreds of the random scripts of test/integration/differential-scripts.test.ts. `node test/long/random-scripts.ts [--seed N]
 * [--scripts N]`; exit status 1 when one of them ends otherwise than an undisturbed cluster.
 */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, scripts: { type: 'string', default: '300' } },
});
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const test = 'test/integration/differential-scripts.test.ts';
const status = await runNode([...jest, '--selectProjects', 'integration', '--ci', test], {
  AUDIT_POLICY_TEST_SCRIPTS: values.scripts,
  ...(values.seed === undefined ? {} : { AUDIT_POLICY_TEST_SEED: values.seed }),
});
process.exitCode = status === 0 ? 0 : 1;
