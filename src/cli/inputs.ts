import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { accessing, filesAt, type FileKind } from './files.ts';
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
const MANIFESTS: FileKind = { pattern: /\.(ya?ml|json)$/i, what: '.yaml, .yml or .json file' };
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
      for (const { file, isNamed } of await filesAt(path, kind)) {
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

function readFile(file: string): Promise<string> {
  return accessing(file, async () => {
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
