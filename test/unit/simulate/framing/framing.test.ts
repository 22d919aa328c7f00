import fc from 'fast-check';
import type { FrameSink } from '../../../../src/simulate/framing/frame-sink.ts';
import { LineBlocks } from '../../../../src/simulate/framing/line-blocks.ts';
import { LogFramer } from '../../../../src/simulate/framing/log-framer.ts';
import { Values } from '../../../../src/simulate/framing/values.ts';
import { frame } from './collect.ts';

const asLog = (sink: FrameSink) => new LogFramer(sink);
const asValues = (sink: FrameSink) => new Values(sink);

const pretty = (value: unknown, indent: number | string = 2) => JSON.stringify(value, null, indent);
const dense = ([, text]: [number, string]) => text.replaceAll(/\s+/g, '');
const firstWords = ([line, message]: [number, string]) => [line, message.split(' ').slice(0, 4).join(' ')];

const A = { a: { b: [1, { c: '}' }] } };
const B = { b: 'x' };
const C = { c: '"\\' };
const [a, b, c] = [A, B, C].map((value) => JSON.stringify(value)) as [string, string, string];

test.each<[string, string, [number, string][]]>([
  [
    'JSON lines',
    `${a}\n${b}\n`,
    [
      [1, a],
      [2, b],
    ],
  ],
  [
    'a last line without its line feed',
    `${a}\n${b}`,
    [
      [1, a],
      [2, b],
    ],
  ],
  [
    'CRLF',
    `${a}\r\n${b}\r\n`,
    [
      [1, a],
      [2, b],
    ],
  ],
  [
    'blank lines',
    `\n\r\n${a}\n  \n\n${b}\n\n`,
    [
      [3, a],
      [6, b],
    ],
  ],
  ['a byte order mark', `\xef\xbb\xbf${a}\n`, [[1, a]]],
  [
    'a first line that is cut',
    `b":1}}\n${a}\n`,
    [
      [1, 'b":1}}'],
      [2, a],
    ],
  ],
  [
    'a first line that ends too early',
    `{"a":{"b":1},\n${a}\n${b}\n`,
    [
      [1, '{"a":{"b":1},'],
      [2, a],
      [3, b],
    ],
  ],
  [
    'a last line that ends too early',
    `${a}\n{"a":{"b`,
    [
      [1, a],
      [2, '{"a":{"b'],
    ],
  ],
  ['an object over lines', `${pretty(A)}\n`, [[1, a]]],
  [
    'objects over lines, one after the other',
    `${pretty(A)}\n${pretty(B)}\n\n${pretty(C)}`,
    [
      [1, a],
      [11, b],
      [15, c],
    ],
  ],
  [
    'objects over lines with CRLF',
    pretty([A, B], '\t').replaceAll('\n', '\r\n'),
    [
      [2, a],
      [12, b],
    ],
  ],
  [
    'a list over lines',
    pretty([A, B, C]),
    [
      [2, a],
      [12, b],
      [15, c],
    ],
  ],
  [
    'a list with an event on each line',
    `[${a},\n${b},\n ${c}\n]\n`,
    [
      [1, a],
      [2, b],
      [3, c],
    ],
  ],
  [
    'an EventList over lines',
    pretty({ kind: 'EventList', items: [A, B], metadata: { x: [{}] } }),
    [
      [4, a],
      [14, b],
    ],
  ],
  [
    'EventLists over lines, one after the other',
    `${pretty({ items: [A] })}\n${pretty({ items: [B, C] })}\n`,
    [
      [3, a],
      [17, b],
      [20, c],
    ],
  ],
  ['an empty list', '[\n]\n', []],
  ['an empty EventList over lines', `{"items": [\n]\n}\n${pretty(B)}`, [[4, b]]],
  ['nothing', '', []],
  ['blank lines only', '\n\n \n', []],
])('%s', (_, text, values) => {
  const found = frame(text, asLog);
  expect(found.values.map((value) => [value[0], dense(value)])).toEqual(values);
  expect(found.problems).toEqual([]);
  // A text of n line feeds has n lines, and one more if something stands behind the last.
  expect(found.lineCount).toBe(text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0));
});

test('a list of one line that is longer than what is looked at first is taken apart into its events', () => {
  const filler = 'x'.repeat(100_000);
  const items = Array.from({ length: 30 }, (_, i) => ({ i, filler }));
  const text = `${JSON.stringify({ kind: 'EventList', items })}\n${b}\n`;
  const found = frame(text, asLog, [65_536]);
  expect(found.problems).toEqual([]);
  expect(found.values).toEqual([...items.map((item) => [1, JSON.stringify(item)]), [2, b]]);
});

test.each<[string, string, [number, string][], string[]]>([
  [
    'an event of a list that lacks its end',
    `[\n${a},\n{"b":{"c":1,\n${c}\n]`,
    [[3, 'it ends before its']],
    [a, c],
  ],
  [
    'a string without its end, in a list with events at the margin',
    `[\n${a},\n{"b":"x},\n${c}\n]`,
    [[3, 'a line ends within']],
    [a, c],
  ],
  [
    'a string without its end, in an indented list',
    pretty({ items: [A, B, C] }).replace('"x"', '"x'),
    [[13, 'a line ends within']],
    [a, c],
  ],
  [
    'a string without its end, in an indented list that another follows',
    `${pretty({ items: [A, B] }).replace('"x"', '"x')}\n${pretty({ items: [C, A] })}\n`,
    [[13, 'a line ends within']],
    [a, c, a],
  ],
  [
    'something behind the items of a list',
    `${pretty({ items: [A], more: 'x' }).replace('"x"', '"x')}\n${pretty({ items: [B, C] })}\n`,
    [[14, 'a line ends within']],
    [a, b, c],
  ],
  [
    'garbage between objects',
    `${pretty(A)}\n\0\xff\n${pretty(B)}`,
    [[11, 'something stands between the']],
    [a, b],
  ],
  ['a bracket too many', `${pretty(A)}\n]\n${pretty(B)}`, [[11, 'a bracket is closed']], [a, b]],
  ['an object that ends too early', `${pretty(A)}\n{\n"b":\n`, [[11, 'it ends before its']], [a]],
  ['a string that ends too early', `${pretty(A)}\n{\n"b\n`, [[11, 'a line ends within']], [a]],
  ['a list that ends too early', '[\n{"b":"x"},\n', [[2, 'it ends before its']], [b]],
])('%s is told once, and what is whole is found', (_, text, problems, values) => {
  const found = frame(text, asLog);
  expect(found.problems.map(firstWords)).toEqual(problems);
  expect(found.values.map(dense)).toEqual(values);
});

const names = fc.constantFrom('a', 'items', '__proto__', 'constructor', 'kind', 'é"\\');
const value = fc.jsonValue({ maxDepth: 3 });
const event = fc.dictionary(names, value, { maxKeys: 4 });
const piece = fc.oneof(
  event.map((one) => JSON.stringify(one)),
  fc.tuple(event, fc.constantFrom(1, 2, '\t')).map(([one, indent]) => pretty(one, indent)),
  fc
    .tuple(fc.array(event, { maxLength: 3 }), fc.constantFrom(0, 2))
    .map(([items, indent]) => pretty({ items }, indent)),
  fc
    .tuple(fc.array(event, { maxLength: 3 }), fc.constantFrom(0, 2))
    .map(([items, indent]) => pretty(items, indent)),
  fc.constantFrom(
    '',
    ' ',
    '\r',
    '{"a":"b"c"}',
    '{"a":',
    '"',
    ']',
    '}',
    '[',
    '\0\0',
    'é\xff',
    '{"a":1}}',
    '{"items":[',
  ),
);
const text = fc
  .array(piece, { maxLength: 8 })
  .map((pieces) => Buffer.from(pieces.join('\n')).toString('latin1'));
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });

test.each<[string, (sink: FrameSink) => LineBlocks | LogFramer | Values]>([
  ['a log', asLog],
  ['values', asValues],
  ['lines of at most 20 bytes', (sink) => new LineBlocks(sink, 20)],
  ['values of at most 20 bytes', (sink) => new Values(sink, 20)],
])('%s: however the bytes are cut into chunks, the same is found on the same lines', (_, create) => {
  fc.assert(
    fc.property(text, sizes, (whole, cuts) => {
      const found = frame(whole, create, cuts);
      expect(found).toEqual(frame(whole, create));
      expect(found.lineCount).toBe(
        whole === '' ? 0 : whole.split('\n').length - (whole.endsWith('\n') ? 1 : 0),
      );
    }),
    { numRuns: 500 },
  );
});

test('values that are no longer than allowed come, longer ones are told, in lines and in lists', () => {
  const long = `{"a":"${'x'.repeat(13)}"}`;
  const longer = `{"a":"${'x'.repeat(14)}"}`;
  expect(long).toHaveLength(21);
  const lines = frame(`${long}\n${longer}\n${long}\n${longer}`, (sink) => new LineBlocks(sink, 21), [5]);
  expect(lines.values).toEqual([
    [1, long],
    [3, long],
  ]);
  expect(lines.problems).toEqual([
    [2, 'it has more than 21 bytes'],
    [4, 'it has more than 21 bytes'],
  ]);
  const values = frame(`[${long},\n${longer},\n${long}]`, (sink) => new Values(sink, 21), [5]);
  expect(values.values).toEqual([
    [1, long],
    [3, long],
  ]);
  expect(values.problems).toEqual([[2, 'it has more than 21 bytes']]);
});

test('among lines with a value each, all but the broken ones are found, wherever these are', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 5, arbitrary: event.map((one) => JSON.stringify(one)) },
          fc.constantFrom('{"a":', '{"a":"b', '\0', '}'),
        ),
        {
          minLength: 1,
        },
      ),
      sizes,
      (lines, cuts) => {
        const found = frame(Buffer.from(`${a}\n${lines.join('\n')}\n`).toString('latin1'), asLog, cuts);
        expect(found.values).toEqual(
          [a, ...lines].map((line, index) => [index + 1, Buffer.from(line).toString('latin1')]),
        );
      },
    ),
  );
});

test('brackets nested as deep as one likes are followed without a stack', () => {
  const depth = 100_000;
  const deep = '[{"a":'.repeat(depth) + '1' + '}]'.repeat(depth);
  const found = frame(`{\n"deep":${deep}}\n${pretty(B)}`, asLog, [4096]);
  expect(found.values.map(dense)).toEqual([`{"deep":${deep}}`, b]);
  expect(frame('['.repeat(depth), asLog, [4096]).problems).toEqual([]);
  expect(frame('['.repeat(depth), asValues, [4096]).problems).toHaveLength(1);
});
