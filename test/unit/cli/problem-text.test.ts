import { formatProblems } from '../../../src/cli/problem-text.ts';
import { problemText, type Problem } from '../../../src/policy/problem.ts';

function problem(part: Partial<Problem> = {}): Problem {
  return { code: 'UnknownField', severity: 'error', path: '', message: 'wrong', ...part };
}

function format(text: string, line: number, column: number): string[] {
  const source = { name: 'f.yaml', text, isNamed: true };
  return formatProblems(source, [problem({ position: { line, column } })]).split('\n');
}

describe('place and excerpt', () => {
  test('file:line:column, the source line, a caret below the place', () => {
    expect(format('one\n  two: 2\n', 2, 3)).toEqual([
      'f.yaml:2:3: error: wrong',
      ' 2 |   two: 2',
      '   |   ^',
      '',
    ]);
  });

  test('tabs before the place keep the caret aligned', () => {
    expect(format('\t\tx: 1', 1, 3).slice(1, 3)).toEqual([' 1 |         x: 1', '   |         ^']);
  });

  test('wide characters before the place take two columns', () => {
    expect(format('漢字: x', 1, 5).slice(1, 3)).toEqual([' 1 | 漢字: x', '   |       ^']);
  });

  test('hostile characters before the place take the columns of their escapes', () => {
    expect(format('\u202ea', 1, 2).slice(1, 3)).toEqual([' 1 | \\u{202e}a', '   |         ^']);
  });

  test('a long line is cut around the place', () => {
    const [, shown = '', caret = ''] = format(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 1, 501);
    expect(shown).toHaveLength(' 1 | '.length + 1 + 50 + 50 + 1);
    expect(shown[caret.indexOf('^')]).toBe('X');
    expect(shown).toMatch(/^ 1 \| …a+Xb+…$/);
  });

  test('a long line with the place at its beginning has no cut in front', () => {
    const [, shown = '', caret = ''] = format(`X${'b'.repeat(500)}`, 1, 1);
    expect(shown).toMatch(/^ 1 \| Xb{99}…$/);
    expect(caret.indexOf('^')).toBe(5);
  });

  test('a place behind the end of the text', () => {
    expect(format('abc', 1, 4)).toEqual(['f.yaml:1:4: error: wrong', ' 1 | abc', '   |    ^', '']);
    expect(format('abc\n', 9, 9)).toEqual(['f.yaml:9:9: error: wrong', ' 9 | ', '   | ^', '']);
  });

  test('lines end as in editors', () => {
    expect(format('a\r\nb\rc', 3, 1)[1]).toBe(' 3 | c');
  });

  test('without a place, without an excerpt; and no more than a hundred', () => {
    const source = { name: 'f.yaml', text: '', isNamed: true };
    const lines = formatProblems(source, Array<Problem>(250).fill(problem({ severity: 'warning' }))).split(
      '\n',
    );
    expect(lines[0]).toBe('f.yaml: warning: wrong');
    expect(lines.slice(99)).toEqual(['f.yaml: warning: wrong', 'f.yaml: and 150 more', '']);
  });
});

describe('the path, what is wrong and what was meant, each once', () => {
  const rows: [expected: string, given: Partial<Problem>][] = [
    ['wrong', {}],
    ['rules[0].verbs: expected a list', { path: 'rules[0].verbs', message: 'expected a list' }],
    [
      'spec.policy.rules[0].user: unknown field, did you mean "users"?',
      {
        path: 'spec.policy.rules[0].user',
        message: 'unknown field "user": did you mean "users"?',
        suggestion: 'users',
      },
    ],
    ['Rules: unknown field, write "x"', { path: 'Rules', message: 'unknown field "Rules": write "x"' }],
    ['rules[1].level: stands here twice', { path: 'rules[1].level', message: '"level" stands here twice' }],
    ['apiVersion is empty: write it', { path: 'apiVersion', message: 'apiVersion is empty: write it' }],
    ['spec.policy.kind is ignored', { path: 'spec.policy.kind', message: 'kind is ignored' }],
    [
      'rules[0].level: Unsupported value: "Metdt" (did you mean "Metadata"?)',
      {
        path: 'rules[0].level',
        message: 'rules[0].level: Unsupported value: "Metdt"',
        suggestion: 'Metadata',
      },
    ],
    [
      'rules[0].resources[2].group: Invalid value: "*"',
      { path: 'rules[0].resources[2].group', message: 'rules[0].resources.group: Invalid value: "*"' },
    ],
    [
      'kind: expected "Policy", found "Polcy": write kind: Policy',
      {
        path: 'kind',
        message: 'expected "Policy", found "Polcy": write kind: Policy',
        suggestion: 'Policy',
      },
    ],
  ];
  test.each(rows)('%s', (expected, given) => expect(problemText(problem(given))).toBe(expected));
});
