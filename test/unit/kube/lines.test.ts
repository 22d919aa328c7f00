import fc from 'fast-check';

import { LineSplitter } from '../../../src/kube/lines.ts';

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    splitter.push(bytes.subarray(start, end));
    start = end;
  }
  splitter.end();
  return lines;
}

test('any chunks give the same lines', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''))),
      fc.boolean(),
      fc.array(fc.nat(2000), { maxLength: 30 }),
      (lines, endsInLineFeed, cuts) => {
        const text = lines.join('\n') + (endsInLineFeed ? '\n' : '');
        // What cannot be UTF-8 (a lone surrogate) is not what this is about.
        const bytes = Buffer.from(text.toWellFormed());
        const expected = lines.filter((line) => line !== '').map((line) => line.toWellFormed());
        expect(split(bytes, cuts)).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('a character of four bytes in four chunks stays one', () => {
  const bytes = Buffer.from('a🛡b\n');
  expect(split(bytes, [1, 2, 3, 4, 5, 6])).toEqual(['a🛡b']);
});

test('a line in very many chunks costs time in proportion', () => {
  const measure = (chunks: number): number => {
    const splitter = new LineSplitter(() => undefined);
    const chunk = Buffer.alloc(64, 'x');
    const startedAt = performance.now();
    for (let count = 0; count < chunks; count += 1) splitter.push(chunk);
    splitter.end();
    return performance.now() - startedAt;
  };
  measure(10_000);
  // Sixteen times the work; a quadratic splitter takes 256 times as long.
  const [small, large] = [measure(10_000), measure(160_000)];
  expect(large).toBeLessThan(Math.max(small, 1) * 100);
});

test('a line without an end is refused', () => {
  const splitter = new LineSplitter(() => undefined, 1000);
  splitter.push(Buffer.alloc(1000, 'x'));
  expect(() => splitter.push(Buffer.from('x'))).toThrow('longer than 1000 bytes');
});
