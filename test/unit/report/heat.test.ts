import type { Level } from '../../../src/policy/types.ts';
import { heatOf, levelsOf, mainLevel, warmth } from '../../../src/report/heat.ts';
import type { Cell } from '../../../src/simulate/result.ts';

function cell(verb: string, resource: string, bytes: number, rules: Cell['rules'] = []): Cell {
  return {
    verb,
    resource,
    seen: 10,
    written: { events: 1, bytes },
    levels: { None: 9, Metadata: 1, Request: 0, RequestResponse: 0 },
    rules,
  };
}

test('what writes the most comes first, down and across', () => {
  const { verbs, rows, left } = heatOf([
    cell('get', 'pods', 5),
    cell('create', 'pods', 50),
    cell('create', 'secrets', 500),
  ]);
  expect(verbs).toEqual(['create', 'get']);
  expect(rows.map(({ resource }) => resource)).toEqual(['secrets', 'pods']);
  expect(rows.map(({ cells }) => cells.map((one) => one?.written.bytes))).toEqual([
    [500, undefined],
    [50, 5],
  ]);
  expect(left.cells).toBe(0);
});

test('what finds no place is summed up', () => {
  const cells = Array.from({ length: 40 }, (_, index) => cell('get', `kind-${index}`, 100 - index));
  const { rows, left } = heatOf(cells);
  expect(rows).toHaveLength(30);
  const lost = cells.slice(30).reduce((sum, { written }) => sum + written.bytes, 0);
  expect(left).toEqual({ cells: 10, events: 100, bytes: lost });
});

describe('the level of a cell', () => {
  const levelOfRule = new Map<number, Level>([
    [0, 'None'],
    [1, 'Metadata'],
    [2, 'Request'],
    [3, 'Metadata'],
  ]);
  const levels = (...rules: [number, number][]): readonly Level[] =>
    levelsOf(
      cell(
        'get',
        'pods',
        1,
        rules.map(([rule, events]) => ({ rule, events })),
      ),
      levelOfRule,
    );

  test('is that of the rules, also where stages are left out and most events are not written', () => {
    expect(levels([1, 10])).toEqual(['Metadata']);
  });

  test('counts rules of one level together, the most events first', () => {
    expect(levels([2, 5], [1, 3], [3, 3])).toEqual(['Metadata', 'Request']);
  });

  test('is one that writes where there is one', () => {
    expect(mainLevel(levels([0, 8], [2, 2]))).toBe('Request');
    expect(mainLevel(levels([0, 8], [-1, 2]))).toBe('None');
    expect(mainLevel(levels())).toBe('None');
  });
});

test.each([
  [1000, 5],
  [101, 5],
  [100, 4],
  [11, 4],
  [1, 2],
  [1e-9, 1],
  [0, 0],
])('%d bytes where the most are 1000: step %d', (bytes, step) => {
  expect(warmth(bytes, 1000)).toBe(step);
});
