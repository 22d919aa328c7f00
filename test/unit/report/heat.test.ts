import type { Level } from '../../../src/policy/types.ts';
import { heatOf, levelOf, warmth } from '../../../src/report/heat.ts';
import type { Cell } from '../../../src/simulate/result.ts';

function cell(
  verb: string,
  resource: string,
  bytes: number,
  levels: Partial<Record<Level, number>> = {},
): Cell {
  return {
    verb,
    resource,
    seen: 10,
    written: { events: 1, bytes },
    levels: { None: 0, Metadata: 0, Request: 0, RequestResponse: 0, ...levels },
    rules: [],
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

test('the level of a cell is that of most of its events', () => {
  expect(levelOf(cell('get', 'pods', 1, { Metadata: 3, None: 2 }))).toEqual({
    level: 'Metadata',
    isMixed: true,
  });
  expect(levelOf(cell('get', 'pods', 1, { Request: 3 }))).toEqual({ level: 'Request', isMixed: false });
  expect(levelOf(cell('get', 'pods', 0))).toEqual({ level: 'None', isMixed: false });
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
