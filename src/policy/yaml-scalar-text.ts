import type { CST } from 'yaml';
import { UnreadableText } from './document-tree.ts';

/** YAML 1.1 has more line breaks than YAML 1.2: what the parser sees as `\n` may be another in the text as it was written. */
const BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/g;
const RUN = /[ \t\n\r\u0085\u2028\u2029]+/g;
const IN_DOUBLE =
  /\\(?:\r\n|[\n\r\u0085\u2028\u2029])[ \t\n\r\u0085\u2028\u2029]*|\\(?:x[^]{0,2}|u[^]{0,4}|U[^]{0,8}|[^]?)|[ \t\n\r\u0085\u2028\u2029]+/gu;
const ESCAPES = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

/**
 * The value of a flow scalar from its text as it was written, quotes included, as scannerc.go of yaml.v2 reads it: lines are folded,
 * but a line or paragraph separator stays.
 *
 * @throws UnreadableText for an escape that YAML 1.1 does not have; `offset` is where the scalar begins
 */
export function flowScalarText(type: CST.FlowScalar['type'], source: string, offset: number): string {
  switch (type) {
    case 'single-quoted-scalar':
      return source.slice(1, -1).replace(RUN, fold).replaceAll("''", "'");
    case 'double-quoted-scalar':
      return source.slice(1, -1).replace(IN_DOUBLE, (part, at: number) => unescape(part, offset + 1 + at));
    default:
      return source.replace(RUN, fold);
  }
}

/** A run of blanks without a break stays; one line break becomes a space; of more, all but the first stay. */
function fold(run: string): string {
  const [first, ...rest] = breaksOf(run);
  if (first === undefined) return run;
  if (first !== '\n') return first + rest.join('');
  return rest.length === 0 ? ' ' : rest.join('');
}

function unescape(part: string, offset: number): string {
  if (!part.startsWith('\\')) return fold(part);
  const breaks = breaksOf(part.slice(1));
  if (breaks.length > 0) return breaks.slice(1).join('');
  const known = ESCAPES.get(part.slice(1));
  if (known !== undefined) return known;
  const isWhole = /^(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})$/.test(part.slice(1));
  const code = isWhole ? parseInt(part.slice(2), 16) : NaN;
  if (!isWhole || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new UnreadableText('an escape within the double quotes is not one of YAML 1.1', offset);
  return String.fromCodePoint(code);
}

/** Separators stay what they are, every other break counts as `\n`. */
export function breaksOf(text: string): string[] {
  return (text.match(BREAK) ?? []).map((found) => (found === '\u2028' || found === '\u2029' ? found : '\n'));
}
