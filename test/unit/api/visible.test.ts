import { messageText, quoted } from '../../../src/api/visible.ts';

describe('A15: what users write, in the message of a condition or an Event', () => {
  test.each([
    ['a line feed', 'a\nb', 'a\\nb'],
    ['a carriage return', 'a\rb', 'a\\u{d}b'],
    ['an escape sequence', '\u001b[2J', '\\u{1b}[2J'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['text turned around', '\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['isolates', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['a tag character', 'x\u{e0041}', 'x\\u{e0041}'],
    ['half a pair', 'x\ud83d', 'x\\u{d83d}'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['letters of any script', 'é Ж 東 😀', 'é Ж 東 😀'],
  ])('A15: %s', (_, text, shown) => expect(messageText(text)).toBe(shown));

  test('A15: its length is bounded, also when every character becomes longer', () => {
    for (const text of ['x'.repeat(100_000), '\u202e'.repeat(100_000), `${'x'.repeat(4095)}😀😀`]) {
      expect(messageText(text).length).toBeLessThanOrEqual(4096);
      expect(messageText(text)).toMatch(/…$/);
    }
    expect(messageText('x'.repeat(4096))).toBe('x'.repeat(4096));
  });

  test('A9: what only looks like a Latin letter is told apart', () => {
    expect(quoted('m\u0435tadata')).toBe('"m\\u0435tadata"');
    expect(quoted('a"\n\u202e')).toBe('"a\\"\\n\\u202e"');
    expect(quoted('x'.repeat(1000))).toBe(`"${'x'.repeat(80)}"`);
  });
});
