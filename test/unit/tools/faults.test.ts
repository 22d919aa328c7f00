import { FAULTS, PENDING } from '../../../tools/generate/fault-rows.ts';
import { faultsPage, problemsOf } from '../../../tools/generate/faults.ts';

const proofs = (...ids: string[]) => new Set(ids);

describe('the claims of the page on faults', () => {
  test('each row has a test', () => expect(problemsOf(proofs('X1', 'X2'), ['X1', 'X2'], [])).toEqual([]));
  test('a row without one', () =>
    expect(problemsOf(proofs('X1'), ['X1', 'X2'], [])).toEqual(['no test proves X2']));
  test('a test without a row', () =>
    expect(problemsOf(proofs('X1', 'X3'), ['X1'], [])).toEqual(['a test names X3, which is no row']));
  test('what is pending has no test, and is a row', () => {
    expect(problemsOf(proofs('X1'), ['X1', 'X2'], ['X2'])).toEqual([]);
    expect(problemsOf(proofs('X1'), ['X1'], ['X1', 'X9'])).toEqual([
      'X1 is not pending',
      'X9 is not pending',
    ]);
  });

  test('as they stand', () => {
    const page = faultsPage();
    const lines = page.split('\n').filter((line) => /^\| `[AF]\d+` \|/.test(line));
    expect(lines).toHaveLength(FAULTS.length);
    expect(lines.filter((line) => !/\]\([^)]+\) \|$/.test(line))).toHaveLength(PENDING.length);
    expect(new Set(FAULTS.map(({ id }) => id)).size).toBe(FAULTS.length);
  });
});
