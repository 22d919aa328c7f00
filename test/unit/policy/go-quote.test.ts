import { isGoPrintable } from '../../../src/policy/go-printable.ts';
import { goJson, goQuote } from '../../../src/policy/go-quote.ts';

test.each([
  ['', '""'],
  ['a b~', '"a b~"'],
  ['"\\', '"\\"\\\\"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\0\x1f\x7f', '"\\x00\\x1f\\x7f"'],
  ['\u0080\u00a0\u00ad\u2028\ufeff\uffff', '"\\u0080\\u00a0\\u00ad\\u2028\\ufeff\\uffff"'],
  ['é日本\u0300\ufffd', '"é日本\u0300\ufffd"'],
  ['😀\u{10ffff}\u{2fffe}', '"😀\\U0010ffff\\U0002fffe"'],
  // Assigned in Unicode 16 and so in Node's tables, but not in Go's.
  ['\u{1c80}\u{1c89}', '"\u{1c80}\\u1c89"'],
  ['<&>', '"<&>"'],
  ['\ud83d', '"\ufffd"'],
])('%%q of %j', (text, expected) => {
  expect(goQuote(text)).toBe(expected);
});

test.each([
  ['<a & b>', '"\\u003ca \\u0026 b\\u003e"'],
  ['\u2028\u2029', '"\\u2028\\u2029"'],
  ['\b\f\n\r\t\x01\x7f"\\/é😀', '"\\b\\f\\n\\r\\t\\u0001\x7f\\"\\\\/é😀"'],
  ['\ud83d', '"\ufffd"'],
  [['a', '<', '\ud83d'], '["a","\\u003c","\ufffd"]'],
  [[], '[]'],
])('JSON of %j', (value, expected) => {
  expect(goJson(value)).toBe(expected);
});

test('printable begins and ends where Go says', () => {
  const points = [
    0x1f, 0x20, 0x7e, 0x7f, 0xa0, 0xa1, 0xac, 0xad, 0xae, 0x377, 0x378, 0x379, 0x37a, 0xe0100, 0xe01ef,
    0xe01f0,
  ];
  expect(points.filter((point) => isGoPrintable(point))).toEqual([
    0x20, 0x7e, 0xa1, 0xac, 0xae, 0x377, 0x37a, 0xe0100, 0xe01ef,
  ]);
  expect(isGoPrintable(0x10ffff)).toBe(false);
});
