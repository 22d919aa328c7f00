import { isGoPrintable } from './go-printable.ts';

const MAX_QUOTED = 80;
const PLACEHOLDER = /\$\{[^}]{0,200}\}|\{\{.{0,200}?\}\}/su;

/**
 * A text from a user in quotes, fit for terminals and logs: what is not printable (control characters, line breaks, marks that
 * turn the direction of writing) is escaped as `\u{...}`, and more than 80 characters are cut.
 */
export function quote(text: string): string {
  let quoted = '';
  let length = 0;
  for (const character of text) {
    if (++length > MAX_QUOTED) return `"${quoted}…"`;
    quoted += visible(character);
  }
  return `"${quoted}"`;
}

/** As `quote`, without the quotes: for names within a path. */
export function escapeText(text: string): string {
  return quote(text).slice(1, -1);
}

function visible(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const point = character.codePointAt(0) ?? 0;
  return isGoPrintable(point) ? character : `\\u{${point.toString(16)}}`;
}

/** What a JSON value is, for "found ...": `the string "admin"`, `a list`. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return value === '' ? 'an empty string' : `the string ${quote(value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `the boolean ${String(value)}`;
  return typeof value === 'object' ? 'an object' : 'nothing';
}

/** The first `${...}` or `{{...}}` of a text: what a shell script or a template engine was to fill in. */
export function placeholderIn(text: string): string | undefined {
  return PLACEHOLDER.exec(text.slice(0, 4096))?.[0];
}

/** What is said of `${...}` and `{{...}}`. */
export function templateMessage(placeholder: string): string {
  return (
    `${quote(placeholder)} is a placeholder that was never filled in: this text is a template (of a shell script such as GCE's ` +
    'configure-helper, or of Helm), not a policy. Put the value in its place'
  );
}
