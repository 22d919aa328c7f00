import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../support/chromium.ts';

let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'audit-policy-chromium-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

test('the one on PATH is taken, chromium before others', () => {
  program('google-chrome');
  const path = program('chromium');
  expect(findChromium({ PATH: `/nowhere:${folder}` })).toBe(path);
});

test('the one that is named is taken', () => {
  program('chromium');
  const path = program('mine');
  expect(findChromium({ PATH: folder, AUDIT_POLICY_TEST_CHROMIUM: path })).toBe(path);
});

test.each([
  [{ PATH: '/nowhere' }, 'Chromium is not on PATH. Install it (Debian: apt-get install'],
  [
    { AUDIT_POLICY_TEST_CHROMIUM: '/nowhere/chromium' },
    'AUDIT_POLICY_TEST_CHROMIUM is /nowhere/chromium, which is no program.',
  ],
])('without one it is said what to install: %j', (env, message) => {
  expect(() => findChromium(env)).toThrow(message);
});
