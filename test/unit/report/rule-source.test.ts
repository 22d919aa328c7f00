import { ruleSources } from '../../../src/report/rule-source.ts';
import { policyTexts } from '../../support/simulation.ts';

test('a rule is its lines and the comments right above it, without the indentation', () => {
  const text = [
    'rules:',
    '  # first',
    '  - level: None',
    '    verbs: [get]',
    '',
    '  # second,',
    '  # in two lines',
    '  - level: Metadata',
    'omitStages: [RequestReceived]',
  ].join('\n');
  expect(ruleSources(text, [3, 8])).toEqual([
    ['# first', '- level: None', '  verbs: [get]'],
    ['# second,', '# in two lines', '- level: Metadata'],
  ]);
});

test('the last rule ends where the list does, also when its dash is not indented', () => {
  const text = 'rules:\n- level: None\n  users: [a]\nomitStages: []\n---\nother: document\n';
  expect(ruleSources(text, [2])).toEqual([['- level: None', '  users: [a]']]);
});

test('rules in one line have that line, cut; a rule without a line has none', () => {
  const line = `{"rules": [{"level": "None"}, {"level": "Metadata", "users": ["${'u'.repeat(500)}"]}]}`;
  const [first, second, third] = ruleSources(line, [1, 1, undefined]);
  expect(first).toEqual([line.slice(0, 120), '… lines are cut after 120 characters']);
  expect(second).toEqual(first);
  expect(third).toEqual([]);
});

test('a long rule is cut, and says so', () => {
  const users = Array.from({ length: 40 }, (_, index) => `    - user-${index}`);
  const [source] = ruleSources(['- level: None', '  users:', ...users].join('\n'), [1]);
  expect(source).toHaveLength(21);
  expect(source?.at(-1)).toBe('… 22 more lines');
});

test('of real policies each rule begins with its level', () => {
  for (const { text, ruleLines } of policyTexts()) {
    const sources = ruleSources(text, ruleLines).map((lines) =>
      lines.filter((line) => !line.startsWith('#')),
    );
    expect(sources.length).toBeGreaterThan(5);
    for (const [line] of sources) expect(line).toMatch(/^- level: /);
  }
});
