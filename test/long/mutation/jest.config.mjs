import { join } from 'node:path';
import base from '../../../jest.config.mjs';

const unit = base.projects.find(({ displayName }) => displayName === 'unit');

/** The unit tests of the pure folders, as one project: what jest runs for each mutant. */
export default {
  ...unit,
  rootDir: join(import.meta.dirname, '../../..'),
  testTimeout: base.testTimeout,
  testMatch: ['<rootDir>/test/unit/{api,policy,plan}/**/*.test.ts'],
  // Its tests measure time, which mutation bends.
  testPathIgnorePatterns: ['decode-hostile'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/long/mutation/fast-check.mjs' },
};
