import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { bundledPackages, thirdPartyLicenses } from '../../../tools/third-party-licenses.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'licenses-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const metafile = (...paths: string[]) => ({
  inputs: {},
  outputs: { 'a.mjs': { inputs: Object.fromEntries(paths.map((path) => [path, { bytesInOutput: 1 }])) } },
});

function place(name: string, license: string, file = 'LICENSE'): void {
  const dir = join(folder, 'node_modules', name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name, version: '1.2.3', license }));
  writeFileSync(join(dir, file), `Text of ${name}.\n`);
}

test('every package in the bundle goes with its name, version, licence and text', () => {
  execFileSync(process.execPath, ['build.mjs', folder], { stdio: 'inherit' });
  const map = JSON.parse(readFileSync(join(folder, 'audit-policy-operator.mjs.map'), 'utf8')) as {
    sources: string[];
  };
  const names = map.sources
    .map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1])
    .filter((name) => name !== undefined);
  expect(new Set(names).size).toBeGreaterThan(15);
  const licenses = readFileSync(join(folder, 'THIRD_PARTY_LICENSES.txt'), 'utf8');
  const missing = [...new Set(names)].filter((name) => {
    const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')) as {
      version: string;
      license: string;
    };
    return !licenses.includes(`${name} ${version} (${license})\n\n`);
  });
  expect(missing).toEqual([]);
  expect(licenses).toContain('Copyright');
  expect(licenses).toContain('Apache License');
  // Of the repository the Dockerfile copies nothing else.
  const own = map.sources.filter((source) => !/node_modules|^(builtin|left-out):/.test(source));
  expect(own.length).toBeGreaterThan(50);
  expect(own.filter((source) => !resolve(folder, source).startsWith(resolve('src') + sep))).toEqual([]);
});

test('packages are found wherever they lie', () => {
  const paths = ['src/main.ts', 'node_modules/a/x.js', 'node_modules/a/node_modules/@s/b/y.js', 'builtin:fs'];
  expect(bundledPackages(metafile(...paths))).toEqual(['node_modules/a', 'node_modules/a/node_modules/@s/b']);
});

test('a licence that asks for more than its text ends the build', () => {
  place('free', 'MIT');
  place('strict', 'GPL-3.0-only');
  expect(thirdPartyLicenses(metafile('node_modules/free/x.js'), folder)).toContain(
    'free 1.2.3 (MIT)\n\nText of free.',
  );
  expect(() => thirdPartyLicenses(metafile('node_modules/strict/x.js'), folder)).toThrow(
    'strict 1.2.3 is bundled',
  );
});

test('so does a licence without a text', () => {
  place('silent', 'MIT', 'README.md');
  expect(() => thirdPartyLicenses(metafile('node_modules/silent/x.js'), folder)).toThrow('without the text');
});
