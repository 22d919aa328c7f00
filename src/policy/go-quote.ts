import { isGoPrintable } from './go-printable.ts';

const SHORT = new Map<string, string>([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

/** A string as Go's `%q` prints it (`strconv.Quote`). Lone surrogates count as U+FFFD. */
export function goQuote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let quoted = '';
  for (const character of text.toWellFormed()) quoted += SHORT.get(character) ?? quoteCharacter(character);
  return `"${quoted}"`;
}

function quoteCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (isGoPrintable(point)) return character;
  const hex = point.toString(16);
  if (point < 0x20 || point === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return point <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A string or a list of strings as Go's `json.Marshal` prints it, which escapes what HTML gives a meaning. */
export function goJson(value: string | readonly string[]): string {
  const wellFormed =
    typeof value === 'string' ? value.toWellFormed() : value.map((text) => text.toWellFormed());
  return JSON.stringify(wellFormed).replace(/[<>&\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
