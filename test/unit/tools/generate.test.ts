import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as names from '../../../src/api/names.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { cliPage } from '../../../tools/generate/cli.ts';
import { conditionsPage } from '../../../tools/generate/conditions.ts';
import { table } from '../../../tools/generate/markdown.ts';
import { run } from '../cli/run.ts';

const REFERENCE = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference');

/** What the program itself prints. */
async function help(...args: string[]): Promise<string> {
  let out = '';
  const code = await runProgram([...args, '--help'], {
    programName: 'audit-policy-operator',
    stdin: new ReadableStream<Uint8Array>(),
    out: (text) => (out += text),
    err: () => undefined,
    env: {},
    stopSignal: () => new AbortController().signal,
  });
  expect(code).toBe(0);
  return out;
}

describe('the CLI page', () => {
  test('has every command of the program, and no other', async () => {
    const listed = [...(await help()).matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name);
    expect(listed).not.toEqual([]);
    expect([...cliPage().matchAll(/^## ([a-z]+)$/gm)].map(([, name]) => name)).toEqual(listed);
  });

  test.each([
    'manager',
    'check',
    'get',
    'status',
    'adopt',
    'release',
    'render',
    'validate',
    'lint',
    'explain',
    'generate',
    'test',
  ])('has the words of `%s --help`, whatever the width', async (name) => {
    const words = (text: string): string => text.replace(/\s+/g, ' ').trim();
    expect(words(cliPage())).toContain(words(await help(name)));
  });

  test('no line of a help text is wider than the page', () => {
    const options = cliPage()
      .split('\n')
      .filter((line) => /^ {2}-|^ {10}/.test(line));
    expect(options).not.toEqual([]);
    expect(options.filter((line) => line.length > 100)).toEqual([]);
  });
});

test('the conditions page tells the status of a reason as the plan sets it', () => {
  const statusOf = (reason: string): string | undefined =>
    new RegExp(`^\\| \`${reason}\` \\| ([^|]*) \\|`, 'm').exec(conditionsPage())?.[1];
  expect(statusOf('Succeeded')).toBe('`True`');
  expect(statusOf('PolicyRefused')).toBe('`False`');
  expect(statusOf('Paused')).toMatch(/^`True` while .*, else `False`$/);
});

test('the page on lint shows what the command prints', async () => {
  const text = readFileSync(join(REFERENCE, '..', 'lint.md'), 'utf8');
  const [, command = '', shown = ''] =
    /```console\n\$ kubectl audit-policy (.*)\n([^]*?)```/.exec(text) ?? [];
  const { code, out } = await run(command.split(' '));
  expect({ code, out }).toEqual({ code: 1, out: shown });
});

test('a cell cannot end its cell or its row', () => {
  expect(table(['a'], [['x | y\nz']])).toBe('| a |\n| --- |\n| x \\| y z |');
});

test('the page on labels and annotations has every one that the program knows, and no other of its own', () => {
  const page = readFileSync(join(REFERENCE, 'annotations.md'), 'utf8');
  const known = Object.entries(names)
    .filter(([key]) => /^(LABEL|ANNOTATION)_/.test(key))
    .map(([, value]) => String(value));
  expect(known.length).toBeGreaterThan(5);
  expect(known.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  const told = new Set([...page.matchAll(/auditpolicy\.dev\/[a-z0-9-]+/g)].map(([name]) => name));
  expect([...told].filter((name) => !known.includes(name))).toEqual([]);
});
