import fc from 'fast-check';
import { parse } from 'yaml';
import { displayWidth, isPrintable, printable, printableJson } from '../../../src/cli/terminal.ts';
import { toYaml } from '../../../src/cli/yaml-text.ts';

const HOSTILE = [
  ['\u001b[2J', '\\u{1b}[2J'],
  ['a\rb', 'a\\u{d}b'],
  ['\u009b31m', '\\u{9b}31m'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'],
  ['a\u2066b\u2069', 'a\\u{2066}b\\u{2069}'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\u2028\u2029', '\\u{2028}\\u{2029}'],
  ['\ud800', '\\u{d800}'],
] as const;

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(...HOSTILE.map(([raw]) => raw)),
  ),
});

test.each(HOSTILE)('%j is shown as %j', (raw, shown) => {
  expect(printable(raw)).toBe(shown);
  expect(isPrintable(raw)).toBe(false);
});

test('what does no harm stays: letters of all languages, emoji, line feeds, tabs', () => {
  const harmless = 'é 漢字 العربية 😀\n\tnext';
  expect(printable(harmless)).toBe(harmless);
  expect(isPrintable(harmless)).toBe(true);
});

test('nothing that a terminal obeys is left, and twice is as once', () => {
  fc.assert(
    fc.property(text, (raw) => {
      const shown = printable(raw);
      expect(shown.replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE);
      expect(printable(shown)).toBe(shown);
    }),
  );
});

test('JSON keeps its values', () => {
  fc.assert(
    fc.property(text, (raw) => {
      const json = printableJson(JSON.stringify({ [raw]: raw }, null, 2));
      expect(json.replaceAll('\n', '')).not.toMatch(UNSAFE);
      expect(JSON.parse(json)).toEqual({ [raw]: raw });
    }),
  );
});

test('YAML keeps its values', () => {
  fc.assert(
    fc.property(fc.array(text.filter((raw) => raw.isWellFormed())), (values) => {
      const yaml = toYaml([{ values, data: { policy: values.join('\n') } }]);
      expect(yaml.replaceAll(/[\n\t]/g, '')).not.toMatch(UNSAFE);
      expect(parse(yaml, { version: '1.1' })).toEqual({ values, data: { policy: values.join('\n') } });
    }),
  );
});

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['e\u0301', 1],
  ['😀!', 3],
  ['ﬁ', 1],
])('%j takes %i columns', (shown, columns) => expect(displayWidth(shown)).toBe(columns));
