import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';

import { compact } from '../../../src/plan/observed/compact.ts';

const MODULE = fileURLToPath(new URL('../../../src/plan/observed/compact.ts', import.meta.url));

/** Bytes that many objects made of spreads take, as they are or compact; in a process of its own, for its heap. */
function heapBytes(isCompact: boolean): number {
  const program = `
    import { compact } from ${JSON.stringify(MODULE)};
    const make = (index) => ({
      ...{ a: index, b: 2, c: 3 },
      ...(index < 0 ? {} : { d: 4 }),
      ...(index < 0 ? {} : { e: 5, f: 6 }),
      g: 7,
      h: 8,
    });
    const used = () => { gc(); gc(); return process.memoryUsage().heapUsed; };
    const kept = [compact(make(1))];
    const before = used();
    for (let index = 0; index < 20000; index += 1) kept.push(${isCompact ? 'compact(make(index))' : 'make(index)'});
    console.log(used() - before, kept.length);`;
  const args = ['--expose-gc', '--no-warnings', '--input-type=module', '-e', program];
  return Number.parseInt(execFileSync(process.execPath, args, { encoding: 'utf8' }), 10);
}

describe('compact', () => {
  test('is the same JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = Object(JSON.parse(`{"some":${text}}`)) as object;
        expect(compact(value)).toEqual(value);
      }),
    );
    const odd: unknown = JSON.parse('{"__proto__":{"a":[]},"b":"\\ud800"}');
    expect(JSON.stringify(compact(Object(odd) as object))).toBe(JSON.stringify(odd));
  });

  test('takes less memory', () => {
    expect(heapBytes(true)).toBeLessThan(0.75 * heapBytes(false));
  });
});
