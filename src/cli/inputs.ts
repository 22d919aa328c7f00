import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { stringAt } from '../api/json.ts';
import { UsageError, type Io } from './io.ts';
import { printableLine } from './terminal.ts';

/** A text and the name that messages call it by. */
export interface Input {
  name: string;
  text: string;
  /** The user named this file, or standard input; false for what was found in a folder. */
  isNamed: boolean;
}

/** What `kubectl get` prints of a large fleet is smaller. */
export const MAX_INPUT_BYTES = 32 * 1024 * 1024;
/** Which files of a folder count, and what a folder without any lacks. */
export interface FileKind {
  pattern: RegExp;
  what: string;
}

const MANIFESTS: FileKind = { pattern: /\.(ya?ml|json)$/i, what: '.yaml, .yml or .json' };
const STDIN = 'standard input';

/**
 * Reads files, folders (every .yaml, .yml and .json file below them, or another kind, in the order of their paths, but nothing
 * whose name begins with a dot) and `-` (standard input). What is named twice is read once.
 * @throws UsageError naming the file: not there, not readable, not text, too large, or a folder without any; or when
 *   there is no path, or standard input is empty
 */
export async function readInputs(
  paths: readonly string[],
  io: Io,
  kind: FileKind = MANIFESTS,
): Promise<Input[]> {
  if (paths.length === 0) throw new UsageError('name at least one file or folder, or - for standard input.');
  const inputs = new Map<string, Input>();
  for (const path of new Set(paths)) {
    if (path === '-') inputs.set(path, { name: STDIN, text: await readStdin(io), isNamed: true });
    else {
      for (const { file, isNamed } of await expand(path, kind)) {
        const key = resolve(file);
        const known = inputs.get(key);
        if (known === undefined)
          inputs.set(key, { name: printableLine(file), text: await readFile(file), isNamed });
        else known.isNamed ||= isNamed;
      }
    }
  }
  return [...inputs.values()];
}

async function expand(
  path: string,
  { pattern, what }: FileKind,
): Promise<{ file: string; isNamed: boolean }[]> {
  const found = await attempt(path, () => stat(path));
  if (!found.isDirectory()) return [{ file: path, isNamed: true }];
  const entries = await attempt(path, () => readdir(path, { recursive: true, withFileTypes: true }));
  const files = entries
    .filter((entry) => !entry.isDirectory() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    // A mounted ConfigMap shows its files a second time in a folder with dots; .git and drafts are nobody's manifests.
    .filter(
      (file) =>
        !relative(path, file)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
    .sort();
  if (files.length === 0) throw new UsageError(`${printableLine(path)}: the folder holds no ${what} file.`);
  return files.map((file) => ({ file, isNamed: false }));
}

function readFile(file: string): Promise<string> {
  return attempt(file, async () => {
    const name = printableLine(file);
    return decode(name, await collect(name, createReadStream(file)));
  });
}

async function readStdin(io: Io): Promise<string> {
  const text = decode(STDIN, await collect(STDIN, io.stdin));
  if (text.trim() === '') throw new UsageError(`${STDIN} is empty.`);
  return text;
}

/** Stops in time also for what has no size beforehand, a pipe or a device. */
async function collect(name: string, source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > MAX_INPUT_BYTES) {
      throw new UsageError(`${name}: larger than ${MAX_INPUT_BYTES / 1024 / 1024} MiB.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A byte order mark is no part of the text. */
function decode(name: string, bytes: Uint8Array): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16) throw new UsageError(`${name}: UTF-16 text; save it as UTF-8.`);
  if (bytes.includes(0)) throw new UsageError(`${name}: a binary file, not text.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name}: not UTF-8 text.`);
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EEXIST: 'is a file',
  EISDIR: 'is a folder',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/** What the file system says, in words. */
export function whyNot(error: unknown): string {
  const code = stringAt(error, 'code') ?? '';
  return WHY[code] ?? (code || 'cannot be read or written');
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${printableLine(path)}: ${whyNot(error)}.`);
  }
}
