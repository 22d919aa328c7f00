import fc from 'fast-check';
import { repeatedKeysOf, toPlainValue, UnreadableText } from '../../../src/policy/document-tree.ts';
import { looksLikeJson, readJson } from '../../../src/policy/json-text.ts';

const read = (text: string): unknown => toPlainValue(readJson(text, 100));

function outcome(text: string): unknown {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof UnreadableText) return 'refused';
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return 'refused';
  }
}

test('any JSON value is read as JSON.parse reads it, in every layout', () => {
  const value = fc.jsonValue({ noUnicodeString: false });
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (json, space) => {
      const text = JSON.stringify(json, null, space);
      expect(read(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('damaged JSON is refused exactly when JSON.parse refuses it', () => {
  const damage = fc.constantFrom(...'{}[],:"\\0-.eE+tfn \n\u0001'.split(''), '');
  const damaged = fc.tuple(fc.json(), fc.nat(), damage, fc.nat(2)).map(([text, at, put, cut]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + put + text.slice(index + cut);
  });
  fc.assert(
    fc.property(damaged, (text) => expect(outcome(text)).toEqual(parsed(text))),
    { numRuns: 2000 },
  );
});

test('a key __proto__ is an ordinary key', () => {
  const value = read('{"__proto__":{"polluted":true}}');
  expect(Object.keys(value as object)).toEqual(['__proto__']);
  expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  expect({}).not.toHaveProperty('polluted');
});

test('half a surrogate pair becomes U+FFFD', () => expect(read('["\\ud800"]')).toEqual(['\ufffd']));

test('repeated keys are kept, with their places', () => {
  const root = readJson('{"a":1,"b":[{"c":1,"c":2}],"a":3}', 10);
  expect(
    repeatedKeysOf(root).map(({ path, firstKeyStart, keyStart }) => [path, firstKeyStart, keyStart]),
  ).toEqual([
    [['b', 0, 'c'], 13, 19],
    [['a'], 1, 27],
  ]);
  expect(toPlainValue(root)).toEqual({ a: 3, b: [{ c: 2 }] });
});

test('deep nesting is refused where it gets too deep, whatever follows', () => {
  expect(() => readJson('['.repeat(1_000_000), 32)).toThrow(
    expect.objectContaining({ offset: 32, reason: 'depth' }) as Error,
  );
  expect(() => readJson('['.repeat(32) + ']'.repeat(32), 32)).not.toThrow();
});

test.each([
  ['{', true],
  [' \n\t{', true],
  ['\u00a0{', true],
  ['[', false],
  ['\ufeff{', false],
  ['# {', false],
  ['', false],
])('%j looks like JSON: %s', (text, expected) => expect(looksLikeJson(text)).toBe(expected));
