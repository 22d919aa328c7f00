import { escapeUnsafe, printable, printableLine } from '../api/visible.ts';

export { printable, printableLine };

/** For a JSON text, in which such characters stand only inside strings: the same value, escaped. */
export function printableJson(json: string): string {
  return escapeUnsafe(json, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  );
}

/** For a YAML text, in which such characters stand only inside double quotes: the same value, escaped. */
export function printableYaml(yaml: string): string {
  return escapeUnsafe(yaml, (character) =>
    character.length > 1 ? `\\U${hex(codePoint(character), 8)}` : `\\u${hex(codePoint(character), 4)}`,
  );
}

/** Whether a text has such characters. */
export function isPrintable(text: string): boolean {
  return printable(text) === text;
}

const NO_WIDTH = /^[\p{Mn}\p{Me}]$/u;
const DOUBLE_WIDTH =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** The columns that a printable text takes on a terminal, near enough: East Asian characters and emoji take two. */
export function displayWidth(text: string): number {
  return Array.from(text).reduce(
    (sum, one) => sum + (NO_WIDTH.test(one) ? 0 : DOUBLE_WIDTH.test(one) ? 2 : 1),
    0,
  );
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}
