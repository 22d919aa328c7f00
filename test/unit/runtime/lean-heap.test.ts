import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { YOUNG_GENERATION_BYTES } from '../../../src/runtime/lean-heap.ts';

const MODULE = pathToFileURL('src/runtime/lean-heap.ts').href;

/** Allocates in many small steps, as requests do, idles not, and tells how large the young generation has become. */
const program = (isLean: boolean): string => `
  import { keepHeapLean, youngGenerationBytes } from ${JSON.stringify(MODULE)};
  if (${String(isLean)}) keepHeapLean();
  let kept = [];
  for (let step = 0; step < 1500; step += 1) {
    kept.push(Array.from({ length: 2000 }, (_, index) => ({ index, text: 'text ' + index })));
    if (kept.length > 40) kept.shift();
    await new Promise(setImmediate);
  }
  console.log(youngGenerationBytes());`;

async function youngGenerationOf(isLean: boolean): Promise<number> {
  const args = ['--input-type=module', '-e', program(isLean)];
  // As on a machine with much memory, whatever this one has.
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-semi-space-size=64', ...args]);
  return Number(stdout);
}

describe('keepHeapLean', () => {
  test('stops the growth of the young generation, which would otherwise go on', async () => {
    const [lean, free] = await Promise.all([youngGenerationOf(true), youngGenerationOf(false)]);
    // One collection may come between two looks.
    expect(lean).toBeLessThanOrEqual(2 * YOUNG_GENERATION_BYTES);
    expect(lean).toBeGreaterThanOrEqual(YOUNG_GENERATION_BYTES / 2);
    expect(free).toBeGreaterThan(2 * YOUNG_GENERATION_BYTES);
  });
});
