import { parseDocuments } from '../../../src/policy/decode.ts';

const problemsOf = (text: string) => parseDocuments(text).flatMap(({ problems }) => problems);
const valueOf = (text: string) => parseDocuments(text)[0]?.value;

describe('several documents', () => {
  test('each has its value and the line where it begins', () => {
    const text = '# first\nkind: A\n---\n\n# second\nkind: B\n...\n---\n---\n{"kind": "C"}\n';
    expect(parseDocuments(text).map(({ value, startLine, format }) => [value, startLine, format])).toEqual([
      [{ kind: 'A' }, 2, 'yaml'],
      [{ kind: 'B' }, 6, 'yaml'],
      [{ kind: 'C' }, 10, 'yaml'],
    ]);
  });

  test.each(['', '\n', '# only\n', '---\n', '---\n---\n# x\n---\n', '\ufeff'])('%j holds none', (text) =>
    expect(parseDocuments(text)).toEqual([]),
  );

  test('what is wrong with one leaves the others readable', () => {
    const [broken, fine] = parseDocuments('a: [b\n---\nc: d\n');
    expect(broken).toMatchObject({ value: undefined, problems: [{ code: 'SyntaxError' }] });
    expect(fine).toMatchObject({ value: { c: 'd' }, problems: [] });
  });

  test('a string of JSON is not cut where a line of it looks like a marker', () => {
    expect(parseDocuments('{"a": "x\u2028--- y"}').map(({ value }) => value)).toEqual([
      { a: 'x\u2028--- y' },
    ]);
  });

  test('line ends of every kind', () => {
    expect(parseDocuments('a: 1\r\n---\r\nb: 2\r\n').map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parseDocuments('a: 1\r---\rb: 2\r').map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

describe('values are those of YAML 1.1', () => {
  test.each([
    ['a: yes', { a: true }],
    ['a: off', { a: false }],
    ['a: 0o17', { a: 15 }],
    ['a: 017', { a: 15 }],
    ['a: 1_000', { a: 1000 }],
    ['a: 2001-01-01', { a: '2001-01-01' }],
    ['a: 12:30:45', { a: '12:30:45' }],
    ['a: ~', { a: null }],
    ['a:', { a: null }],
    ['1: a', { '1': 'a' }],
    ['a: &x {b: c}', { a: { b: 'c' } }],
    ['a: {<<: {b: c}, d: e}', { a: { b: 'c', d: 'e' } }],
    ['- a\n- [b, {c: d}]', ['a', ['b', { c: 'd' }]]],
    ['{"a": 1.5e3, "b": [true, null]}', { a: 1500, b: [true, null] }],
    ['{a: b}', { a: 'b' }],
  ])('%j', (text, value) => {
    expect(valueOf(text)).toEqual(value);
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('problems of the text', () => {
  test('a repeated key names the line of the first one', () => {
    const problems = problemsOf('a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\na: 3\n');
    expect(problems).toEqual([
      {
        code: 'DuplicateField',
        severity: 'error',
        path: 'b.c',
        message: '"c" stands here for the second time, first on line 3: only one of them would count',
        position: { line: 5, column: 3 },
      },
      expect.objectContaining({ path: 'a', position: { line: 6, column: 1 } }),
      expect.objectContaining({
        message: expect.stringContaining('first on line 1') as string,
        position: { line: 7, column: 1 },
      }),
    ]);
  });

  test('repeated keys of JSON too', () => {
    expect(problemsOf('{"a": 1,\n "b": [{"c": 1, "c": 2}]}')).toMatchObject([
      { code: 'DuplicateField', path: 'b[0].c', position: { line: 2, column: 17 } },
    ]);
  });

  test('an alias is refused, and the rest of the document read all the same', () => {
    const [document] = parseDocuments('a: &x [1]\nb: *x\nb: 2\n');
    expect(document).toMatchObject({
      value: { a: [1], b: 2 },
      problems: [
        { code: 'AliasNotAllowed', position: { line: 2, column: 4 } },
        { code: 'DuplicateField', position: { line: 3, column: 1 } },
      ],
    });
  });

  test.each([
    ['rules:\n- level: [a\n', 'SyntaxError', 3],
    ['a: b: c\n', 'SyntaxError', 1],
    ['a: 1\n\tb: 2\n', 'SyntaxError', 2],
    ['a: 1\n b: 2\n', 'SyntaxError', 1],
    ['a: "x\n', 'SyntaxError', 1],
    ['a: .nan\n', 'SyntaxError', 1],
    ['a: *x\n', 'SyntaxError', 1],
    ['a: 1\n\u0000', 'SyntaxError', 2],
    ['a: {{ .Values.x }}\n', 'UnsubstitutedPlaceholder', 1],
    ['{{- if x }}\na: 1\n{{- end }}\n', 'UnsubstitutedPlaceholder', 1],
    [`a: ${'['.repeat(70)}`, 'TooDeep', 1],
    [`a: ${'x'.repeat(1024 * 1024)}`, 'TooLarge', 1],
    [`- ${'é'.repeat(600 * 1024)}`, 'TooLarge', 1],
  ])('%j', (text, code, line) => {
    expect(problemsOf(text)).toMatchObject([{ code, severity: 'error', position: { line } }]);
    expect(valueOf(text)).toBeUndefined();
  });

  test('limits may be set', () => {
    expect(parseDocuments('a: [[1]]', { maxDepth: 2 })[0]?.problems).toMatchObject([{ code: 'TooDeep' }]);
    expect(parseDocuments('a: [[1]]', { maxDepth: 3 })[0]?.problems).toEqual([]);
    expect(
      parseDocuments('a: 1\n---\nb: 12\n', { maxBytes: 8 }).map(({ problems }) => problems.length),
    ).toEqual([0, 1]);
  });
});

describe('positions', () => {
  const [document] = parseDocuments('# c\nspec:\n  "é😀": {a: [x,\n    y]}\n  b: >\n    z\n');

  test.each<[(string | number)[], 'key' | 'value', number, number]>([
    [[], 'value', 2, 1],
    [['spec'], 'key', 2, 1],
    [['spec'], 'value', 3, 3],
    [['spec', 'é😀'], 'key', 3, 3],
    [['spec', 'é😀'], 'value', 3, 9],
    [['spec', 'é😀', 'a'], 'value', 3, 13],
    [['spec', 'é😀', 'a', 1], 'value', 4, 5],
    [['spec', 'é😀', 'a', 1], 'key', 4, 5],
    [['spec', 'b'], 'value', 5, 6],
    // What is not there is where the nearest thing around it is.
    [['spec', 'é😀', 'none'], 'key', 3, 9],
    [['spec', 'é😀', 'a', 7, 'x'], 'value', 3, 13],
  ])('%j %s is at %i:%i', (path, part, line, column) => {
    expect(document?.positionOf(path, part)).toEqual({ line, column });
  });

  test('of repeated keys the last one counts, as for the value', () => {
    const [repeated] = parseDocuments('a: 1\na: 2\n');
    expect(repeated?.positionOf(['a'], 'value')).toEqual({ line: 2, column: 4 });
  });

  test('wide objects are found as quickly as small ones', () => {
    const [wide] = parseDocuments(Array.from({ length: 1000 }, (_, i) => `k${i}: ${i}\n`).join(''));
    expect(wide?.positionOf(['k998'], 'value')).toEqual({ line: 999, column: 7 });
  });
});

test('a key __proto__ touches nothing', () => {
  for (const text of ['__proto__: {polluted: true}\n', '{"__proto__": {"polluted": true}}']) {
    const value = valueOf(text);
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  }
});
