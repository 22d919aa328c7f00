import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runFile, type Failure } from './vectors/run.ts';

/**
 * `npm run vectors -- FILE...` runs files of the format in test/vectors/README.md against src/policy; without FILE those in
 * test/vectors. Prints the failures and ends with `N passed, N failed`. Exit status: 0 all passed, 1 any failed, 2 a
 * file cannot be read.
 */
const MOST_SHOWN = 20;
const SHARED = join(import.meta.dirname, '..', 'test', 'vectors');

function main(paths: string[]): number {
  let passed = 0;
  let failed = 0;
  for (const path of paths) {
    const outcome = runFile(path);
    for (const failure of outcome.failures.slice(0, Math.max(0, MOST_SHOWN - failed))) show(failure);
    passed += outcome.passed;
    failed += outcome.failures.length;
  }
  if (failed > MOST_SHOWN) console.log(`... and ${failed - MOST_SHOWN} more failures\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function show({ id, note, error, expected, actual }: Failure): void {
  console.log(`FAILED ${id}${note === undefined ? '' : ` (${note})`}`);
  if (error === undefined) {
    console.log(`  expected ${JSON.stringify(expected)}`);
    console.log(`  actual   ${JSON.stringify(actual)}\n`);
  } else {
    console.log(`  ${error}\n`);
  }
}

function sharedFiles(): string[] {
  const names = readdirSync(SHARED).filter((name) => /\.jsonl(\.gz)?$/.test(name));
  return names.sort().map((name) => join(SHARED, name));
}

const args = process.argv.slice(2);
try {
  process.exitCode = main(args.length > 0 ? args : sharedFiles());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
