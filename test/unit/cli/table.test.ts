import { Table } from '../../../src/cli/table.ts';

test('columns are as wide as their widest cell; the last has no padding', () => {
  expect(new Table(['A', 'LONGER', 'C']).withHeader([['wide cell', 'x', 'the end'], ['y']])).toBe(
    ['A           LONGER   C', 'wide cell   x        the end', 'y', ''].join('\n'),
  );
});

test('characters that take two columns are counted as two', () => {
  const [head, wide, narrow] = new Table(['NAME', 'X'])
    .withHeader([
      ['漢字漢字', '1'],
      ['abc', '2'],
    ])
    .split('\n');
  expect([head, wide, narrow]).toEqual(['NAME       X', '漢字漢字   1', 'abc        2']);
});

test('rows that come later keep the widths', () => {
  const table = new Table(['NAME', 'X']);
  table.withHeader([['abcdef', '1']]);
  expect(table.more([['a', '2']])).toBe('a        2\n');
});

test('a cell is one line, whatever stands in it', () => {
  const text = new Table(['A', 'B']).withHeader([['x\ny\tz', '\u001b[31mred\u202e']]);
  expect(text.split('\n')).toHaveLength(3);
  expect(text).toContain('x\\ny\\tz   \\u{1b}[31mred\\u{202e}');
});

test('no escape sequences: there is no colour to turn off', () => {
  expect(new Table(['A']).withHeader([['b']])).toBe('A\nb\n');
});
