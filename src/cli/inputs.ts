import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, type Io } from './io.ts';

/** A text and the name that messages call it by. */
export interface Input {
  name: string;
  text: string;
}

/** Larger than any manifest that etcd takes, smaller than what hurts. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;
const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * Reads files, folders (all .yaml, .yml and .json below them, in the order of their names) and `-` (standard input).
 * @throws UsageError naming the file: not there, not readable, not text, too large; or a folder without any
 */
export async function readInputs(paths: readonly string[], io: Io): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const path of paths) {
    if (path === '-')
      inputs.push({ name: 'standard input', text: decode('standard input', await collect(io)) });
    else for (const file of await expand(path)) inputs.push({ name: file, text: await readText(file) });
  }
  return inputs;
}

async function expand(path: string): Promise<string[]> {
  const found = await attempt(path, () => stat(path));
  if (!found.isDirectory()) return [path];
  const entries = await attempt(path, () => readdir(path, { recursive: true, withFileTypes: true }));
  const files = entries
    .filter((entry) => !entry.isDirectory() && MANIFEST.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new UsageError(`${path}: the folder holds no .yaml, .yml or .json file.`);
  return files;
}

async function readText(file: string): Promise<string> {
  const { size } = await attempt(file, () => stat(file));
  if (size > MAX_INPUT_BYTES) throw tooLarge(file);
  return decode(file, await attempt(file, () => readFile(file)));
}

async function collect(io: Io): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of io.stdin) {
    size += chunk.length;
    if (size > MAX_INPUT_BYTES) throw tooLarge('standard input');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name}: not UTF-8 text.`);
  }
}

function tooLarge(name: string): UsageError {
  return new UsageError(`${name}: larger than ${MAX_INPUT_BYTES / 1024 / 1024} MiB.`);
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder',
  ELOOP: 'too many symbolic links',
};

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new UsageError(`${path}: ${WHY[code] ?? (code || 'cannot be read')}.`);
  }
}
