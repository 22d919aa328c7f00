import fc from 'fast-check';
import { compact } from '../../../src/simulate/compact.ts';
import { BrokenJson, eachItem, eachMember, skipSpace, skipValue } from '../../../src/simulate/json-bytes.ts';
import { anyText, goJson, spaced, spaces } from './json-text.ts';

const anyJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
const write = fc.constantFrom(JSON.stringify, goJson);

test('a value ends where JSON says, whatever white space is in it and whatever stands behind it', () => {
  fc.assert(
    fc.property(
      anyJson,
      write,
      spaces,
      fc.constantFrom('', ',', ' ,"', ' }', '\n]'),
      (value, print, gaps, behind) => {
        const text = spaced(print(value), gaps).trim();
        const bytes = Buffer.from(text + behind);
        const end = Buffer.byteLength(text);
        expect(skipValue(bytes, 0, bytes.length)).toBe(end);
        expect(JSON.parse(compact(bytes, 0, end).toString())).toEqual(JSON.parse(text));
        expect(compact(bytes, 0, end).toString()).toBe(print(value));
      },
    ),
  );
});

test('the members of an object are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyJson), spaces, (object, gaps) => {
      const bytes = Buffer.from(` ${spaced(JSON.stringify(object), gaps)} `);
      const start = skipSpace(bytes, 0, bytes.length);
      const members: [unknown, unknown][] = [];
      const parse = (from: number, to: number): unknown => JSON.parse(bytes.toString('utf8', from, to));
      const behind = eachMember(bytes, start, bytes.length, (keyStart, keyEnd, valueStart, valueEnd) =>
        members.push([parse(keyStart - 1, keyEnd + 1), parse(valueStart, valueEnd)]),
      );
      expect(skipSpace(bytes, behind, bytes.length)).toBe(bytes.length);
      expect(members).toEqual(Object.entries(JSON.parse(JSON.stringify(object)) as object));
    }),
  );
});

test('the items of a list are those that JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.array(anyJson), spaces, (list, gaps) => {
      const bytes = Buffer.from(spaced(JSON.stringify(list), gaps));
      const items: unknown[] = [];
      const behind = eachItem(bytes, 0, bytes.length, (from, to) =>
        items.push(JSON.parse(bytes.toString('utf8', from, to))),
      );
      expect(skipSpace(bytes, behind, bytes.length)).toBe(bytes.length);
      expect(items).toEqual(JSON.parse(JSON.stringify(list)));
    }),
  );
});

test('of a text that is cut no end is found', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyJson, { minKeys: 1 }), spaces, fc.nat(), (object, gaps, cut) => {
      const whole = Buffer.from(spaced(JSON.stringify(object), gaps).trim());
      const end = cut % whole.length;
      expect(() => skipValue(whole, 0, end)).toThrow(BrokenJson);
      expect(() => eachMember(whole, 0, end, () => undefined)).toThrow(BrokenJson);
      // What stands behind the end in the same memory is not looked at.
      expect(() => skipValue(Buffer.from(whole.subarray(0, end)), 0, end)).toThrow(BrokenJson);
    }),
  );
});

test.each([
  ['{"a":"b"c"}', 'a string ends too early'],
  ['{"a":{"b":"c"d"}}', 'a string ends too early'],
  ['{"a":["b" "c"]}', 'a string ends too early'],
  ['{"a":"b\nc"}', 'a control character'],
  ['{"a":"b', 'it ends within a string'],
  ['{"a":{"b":1}', 'it ends'],
  ['{"a":[1,', 'it ends before its brackets'],
  ['{"a":', 'it ends before a value'],
  ['{"a"', 'a colon is missing'],
  ['{"a" 1}', 'a colon is missing'],
  ['{"a":1 "b":2}', 'a comma is missing'],
  ['{"a":,}', 'a value is missing'],
  ['{"a":yes}', 'a value stands without quotation marks'],
  ['{"a":0d00-7a}', 'a value stands without quotation marks'],
  ['{"a":tru}', 'a value stands without quotation marks'],
  ['{"a":1,}', 'the name of a field is missing'],
  ['{a:1}', 'the name of a field is missing'],
  ['{', 'it ends before its brackets'],
  ['[]', 'it is no JSON object'],
])('%j: %s', (text, message) => {
  const bytes = Buffer.from(text);
  expect(() => eachMember(bytes, 0, bytes.length, () => undefined)).toThrow(message);
});

test.each([
  ['[1,', 'it ends before its brackets'],
  ['[1 2]', 'a comma is missing'],
  ['[', 'it ends before its brackets'],
  ['[,]', 'a value is missing'],
  ['{}', 'it is no JSON list'],
])('%j: %s', (text, message) => {
  const bytes = Buffer.from(text);
  expect(() => eachItem(bytes, 0, bytes.length, () => undefined)).toThrow(message);
});
