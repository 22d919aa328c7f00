import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TestFolder, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const complete = async (...words: string[]): Promise<string[]> => {
  const { code, out, err } = await run(['__complete', ...words]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.endsWith('\n')).toBe(true);
  return out.trimEnd().split('\n');
};
const wordsOf = (lines: readonly string[]): string[] => lines.map((line) => line.split('\t')[0] ?? '');

test('the commands, each with its description, as --help has them', async () => {
  const lines = await complete('');
  expect(lines.at(-1)).toBe(':4');
  const { out } = await run(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
  expect(wordsOf(lines.slice(0, -1))).toEqual(commands);
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^[a-z]+\t[A-Z][^\n\t]+\.$/);
});

test.each<[string, string[], string[]]>([
  ['a command', ['val'], ['validate', ':4']],
  ['no such command', ['frob', ''], expect.arrayContaining(['validate', 'explain']) as string[]],
  ['files', ['validate', ''], [':0']],
  ['an option', ['validate', '--kub'], ['--kubernetes-version', ':4']],
  [
    'its options',
    ['generate', 'gke', '--'],
    ['--list', '--name', '--namespace', '--group', '--known-apis', '--help', ':4'],
  ],
  ['a choice', ['validate', '-o', ''], ['text', 'json', ':4']],
  ['a choice that has begun', ['test', '--output', 'ju'], ['junit', ':4']],
  ['a choice behind =', ['test', '--output=j'], ['--output=json', '--output=junit', ':4']],
  ['a file for an option', ['explain', '-f', ''], [':0']],
  ['no file for another', ['explain', '--user', ''], [':4']],
  ['nothing behind a switch but files', ['manager', '--dry-run', ''], [':4']],
  [
    'presets',
    ['generate', ''],
    ['minimal', 'baseline', 'cis', 'write-bodies', 'gke', 'k0rdent', 'humans', ':4'],
  ],
  ['a preset', ['generate', 'k'], ['k0rdent', ':4']],
  ['a kubectl command is not ours', ['explain', '-f', 'x', '--', 'kubectl', '-'], [':4']],
  ['hostile words', ['\u001b[2J', '\u202e'], [':4']],
])('%s', async (_, words, expected) => {
  expect(wordsOf(await complete(...words))).toEqual(expected);
});

test('nothing typed at all', async () => {
  expect(await complete()).toEqual(await complete(''));
});

test('kubectl asks by the name of the program', async () => {
  mkdirSync(join(folder.path, 'bin'));
  const name = join(folder.path, 'bin', 'kubectl_complete-audit_policy.ts');
  symlinkSync(join(import.meta.dirname, '../../../src/main.ts'), name);
  const said = await new Promise<string>((resolve) =>
    execFile(process.execPath, [name, 'generate', 'k0'], (_error, out, err) => resolve(out + err)),
  );
  expect(said).toMatch(/^k0rdent\t[^\n]+\n:4\n$/);
});
