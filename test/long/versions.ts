import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane } from '../control-plane/start.ts';

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
    const node = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const jest = spawn(
      process.execPath,
      [...node, '--selectProjects', 'integration', '--ci', '--passWithNoTests=false', ...TESTS],
      {
        cwd: REPO_ROOT,
        env: { ...process.env, AUDIT_POLICY_TEST_KUBECONFIG: controlPlane.kubeconfig },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    await once(jest, 'exit');
    return jest.exitCode === 0;
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
