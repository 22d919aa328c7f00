import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What a file's vectors are about. */
export type FileKind = 'render' | 'validate' | 'evaluate';

/** The kind of a vector file is the first word of its name: `render-2.jsonl.gz`, `evaluate.more.jsonl`. */
export function kindOfFile(path: string): FileKind | undefined {
  const [word] = /^[A-Za-z]*/.exec(basename(path)) ?? [];
  return word === 'render' || word === 'validate' || word === 'evaluate' ? word : undefined;
}

/**
 * The lines of a vector file, plain or gzip'd (told by its bytes, not its name), without the empty ones. Throws an Error
 * that names the file when it cannot be read.
 */
export function readLines(path: string): string[] {
  try {
    const bytes = readFileSync(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = new TextDecoder('utf-8', { fatal: true }).decode(isGzip ? gunzipSync(bytes) : bytes);
    return text.split('\n').filter((line) => line.trim() !== '');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
