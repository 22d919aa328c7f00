/**
 * What users, files and API servers write may hold characters that move a terminal's cursor, change its colours or turn
 * its text around. Here they become visible escapes. Line feeds and tabs do no harm and stay.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const HARMLESS = new Set(['\n', '\t']);

/** A text in which each unsafe character is replaced by what `escape` makes of it. */
export function escapeUnsafe(text: string, escape: (character: string) => string): string {
  return text.replace(UNSAFE, (character) => (HARMLESS.has(character) ? character : escape(character)));
}

/** For people: U+202E becomes `\u{202e}`. */
export function printable(text: string): string {
  return escapeUnsafe(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same for what must stay on one line, such as a file's name: line feeds and tabs are escaped, too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** Far below what the API server takes for a condition (32,768), and more than anybody reads. */
const LONGEST_MESSAGE = 4096;

/**
 * The message of a condition or an Event: one line that a terminal shows as it is, at most 4,096 characters, whatever
 * users have put into the names and values that it quotes.
 */
export function messageText(text: string): string {
  const line = printableLine(text.slice(0, LONGEST_MESSAGE + 1));
  return line.length <= LONGEST_MESSAGE ? line : `${line.slice(0, LONGEST_MESSAGE - 1)}…`;
}

/** A text from outside in quotes, its first 80 characters: what only looks like a Latin letter is told apart. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80)).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
