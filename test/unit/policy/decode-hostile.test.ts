import { decodePolicyText } from '../../../src/policy/decode.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const MEGABYTE = 1024 * 1024 - 200;
const fill = (text: string, size = MEGABYTE) => text.repeat(Math.floor(size / text.length));

const bomb = `${HEAD}a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
  .split('')
  .map((name, i) => `${name}: &${name} [${fill(`*${'abcdefgh'.charAt(i)},`, 27)}]\n`)
  .join('')}rules: *i\n`;

/** Milliseconds; the bound is what A13 asks for, with room for a busy machine, and far below what an unbounded reader needs. */
function timed(text: string): { ms: number; codes: string[]; line: number | undefined } {
  const start = performance.now();
  const { problems } = decodePolicyText(text);
  const ms = performance.now() - start;
  return { ms, codes: [...new Set(problems.map(({ code }) => code))], line: problems[0]?.position?.line };
}

beforeAll(() => {
  for (let i = 0; i < 20; i++) decodePolicyText(`${HEAD}rules:\n- level: None\n  users: [a, "b"]\n`);
});

test.each<[string, string, string, number]>([
  ['an alias bomb', bomb, 'AliasNotAllowed', 3],
  ['a hundred thousand aliases', `${HEAD}a: &a x\nrules: [${fill('*a,', 300_000)}]\n`, 'AliasNotAllowed', 4],
  ['deep brackets', fill('['), 'TooDeep', 1],
  ['deep braces', fill('{'), 'TooDeep', 1],
  ['deep JSON', `{"a":${fill('[')}`, 'TooDeep', 1],
  ['deep dashes', fill('- '), 'TooDeep', 1],
  ['deep question marks', fill('? '), 'TooDeep', 1],
  [
    'deep indentation',
    Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    'TooDeep',
    33,
  ],
  ['an unclosed quote', `${HEAD}rules: "${fill('x\\" ')}`, 'SyntaxError', 3],
  ['a long key', `${fill('k')}: 1\n`, 'SyntaxError', 1],
  ['too much of it', HEAD + fill('rules: []\n', 4 * MEGABYTE), 'TooLarge', 1],
  ['control characters', HEAD + fill('\0'), 'SyntaxError', 3],
  ['a template', fill('{{'), 'TooDeep', 1],
])('%s is refused soon, with its line', (_, text, code, line) => {
  const outcome = timed(text);
  expect(outcome).toMatchObject({ codes: [code], line });
  expect(outcome.ms).toBeLessThan(500);
});

// Each once cost time by the square of its size, one object per character, or the call stack.
test.each<[string, string, string]>([
  ['commas', `${HEAD}rules: [${fill(',', 200_000)}]`, 'SyntaxError'],
  ['line breaks', fill('\n'), 'WrongType'],
  ['documents', fill('---\n', 100_000), 'WrongType'],
  ['unknown fields', HEAD + Array.from({ length: 8_000 }, (_, i) => `k${i}: 1\n`).join(''), 'UnknownField'],
  [
    'unknown fields on one line',
    `{"apiVersion":"audit.k8s.io/v1","kind":"Policy",${Array.from({ length: 8_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    'UnknownField',
  ],
  ['anchors', `${HEAD}rules: [${fill('&a x,', 80_000)}]`, 'WrongType'],
  ['repeated keys', HEAD + fill('rules: 1\n', 100_000), 'DuplicateField'],
  ['numbers', `${HEAD}rules: [${fill('1,', 50_000)}]`, 'WrongType'],
  ['blanks before a break', `${HEAD}rules: "${fill(' ')}\n"`, 'WrongType'],
  ['digits', `${HEAD}rules: ${fill('9')}`, 'WrongType'],
  ['dollar signs', `${HEAD}rules: "${fill('${')}"`, 'WrongType'],
  ['escapes', `${HEAD}rules: "${fill('\\n', 300_000)}"`, 'WrongType'],
])('a mass of %s costs time in proportion', (_, text, code) => {
  const outcome = timed(text);
  expect(outcome.codes).toContain(code);
  expect(outcome.ms).toBeLessThan(8_000);
});

test('a merge key brings in nothing that is not seen', () => {
  const { policy, problems } = decodePolicyText(`${HEAD}rules:\n- {<<: {user: [a]}, level: None}\n`);
  expect(policy).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'UnknownField', path: 'rules[0].user', suggestion: 'users' }]);
});

test('__proto__ in a policy is an unknown field and no more', () => {
  for (const text of [
    `${HEAD}__proto__: {rules: []}\nrules:\n- __proto__: {level: None}\n`,
    '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","__proto__":{"rules":[]},"rules":[{"__proto__":{"level":"None"}}]}',
  ]) {
    const { problems } = decodePolicyText(text);
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['UnknownField', '__proto__'],
      ['UnknownField', 'rules[0].__proto__'],
    ]);
  }
  expect({}).not.toHaveProperty('rules');
});
