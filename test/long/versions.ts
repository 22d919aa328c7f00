import { startControlPlane } from '../control-plane/start.ts';
import { runNode } from './child.ts';

/**
 * Runs the whole delivery against the API servers of the Kubernetes versions that the other tests do not use.
 * `node test/long/versions.ts [VERSION...]`; exit status 1 when a test of any of them fails.
 */
const VERSIONS = ['1.34.4', '1.35.4'];
const TESTS = ['delivery', 'hold', 'repair'].map((name) => `test/integration/${name}.test.ts`);

async function run(version: string): Promise<boolean> {
  const controlPlane = await startControlPlane({ version });
  try {
    console.log(`-- kube-apiserver ${controlPlane.version}`);
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const env = { AUDIT_POLICY_TEST_KUBECONFIG: controlPlane.kubeconfig };
    return (await runNode([...jest, '--selectProjects', 'integration', '--ci', ...TESTS], env)) === 0;
  } finally {
    await controlPlane.stop();
  }
}

const versions = process.argv.length > 2 ? process.argv.slice(2) : VERSIONS;
const failed: string[] = [];
for (const version of versions) if (!(await run(version))) failed.push(version);
console.log(
  `${versions.length - failed.length} versions passed, ${failed.length} failed ${failed.join(' ')}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
