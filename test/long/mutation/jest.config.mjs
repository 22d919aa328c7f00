import { join } from 'node:path';
import base from '../../../jest.config.mjs';

const unit = base.projects.find(({ displayName }) => displayName === 'unit');

/** The unit tests of the pure folders, as one project and with one seed: what jest runs for each mutant. */
export default {
  ...unit,
  rootDir: join(import.meta.dirname, '../../..'),
  testTimeout: base.testTimeout,
  testMatch: ['<rootDir>/test/unit/{api,policy,plan}/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/long/mutation/seed.ts'],
};
