import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = join(tmpdir(), 'audit-policy-stryker');

/** Mutation testing of the pure folders; `npm run test:long -- --only mutation` starts it (docs/test-long.md). */
export default {
  mutate: ['src/{api,policy,plan}/**/*.ts', '!src/policy/go-printable.ts'],
  testRunner: 'in-process',
  plugins: ['./test/long/mutation/runner.ts'],
  testRunnerNodeArgs: ['--no-warnings'],
  coverageAnalysis: 'perTest',
  // Every fresh module graph stays in memory, and a process full of them is slow enough to look like an endless loop.
  maxTestRunnerReuse: 100,
  timeoutMS: 10_000,
  reporters: ['progress-append-only', 'json'],
  jsonReporter: { fileName: process.env.AUDIT_POLICY_MUTATION_REPORT ?? join(scratch, 'report.json') },
  // Outside the tree: jest would find the copies of the tests.
  tempDirName: scratch,
  allowConsoleColors: false,
  warnings: { slow: false },
  ignorePatterns: ['dist', 'coverage', 'reports', 'docs', 'bench', '.ci'],
};
