import { UnreadableText } from './document-tree.ts';
import { breaksOf } from './yaml-scalar-text.ts';

const HEADER =
  /^[|>](?:([-+])([1-9])?|([1-9])([-+])?)?[ \t]*(?:#[^\n\r\u0085\u2028\u2029]*)?(?:\r\n|[\n\r\u0085\u2028\u2029]|$)/;
const LINE = /([^\n\r\u0085\u2028\u2029]*)(\r\n|[\n\r\u0085\u2028\u2029]|$)/y;

/**
 * The value of a literal or folded scalar from its text as it was written, header included, as `yaml_parser_scan_block_scalar` of
 * yaml.v2 reads it.
 *
 * @param parentIndent the column of the block collection around it, -1 at the top
 * @throws UnreadableText for a header that yaml.v2 does not know, and for tabs where it looks for the indentation
 */
export function blockScalarText(source: string, parentIndent: number, offset: number): string {
  const header = headerOf(source);
  if (!header)
    throw new UnreadableText('after | or > only an indentation and a chomping indicator are read', offset);
  const lines = linesOf(source, header.length);
  const indent =
    header.explicit > 0
      ? Math.max(parentIndent, 0) + header.explicit
      : detectIndent(lines, parentIndent, offset);
  return join(lines, indent, { isLiteral: source.startsWith('|'), chomping: header.chomping, offset });
}

/**
 * Where the scalar ends that begins with the `|` or `>` at `start`: after its last line, blank ones included. Undefined when it is none.
 *
 * @param text with `\n` for every line break
 */
export function blockScalarEnd(text: string, start: number, parentIndent: number): number | undefined {
  const firstBreak = text.indexOf('\n', start);
  const header = headerOf(text.slice(start, firstBreak === -1 ? text.length : firstBreak + 1));
  if (!header) return undefined;
  let indent = header.explicit > 0 ? Math.max(parentIndent, 0) + header.explicit : 0;
  let widest = 0;
  let end = start + header.length;
  while (end < text.length) {
    const lineBreak = text.indexOf('\n', end);
    const next = lineBreak === -1 ? text.length : lineBreak + 1;
    const line = text.slice(end, next);
    const spaces = spacesOf(line);
    const isEmpty = /^ *\r?\n?$/.test(line);
    widest = Math.max(widest, spaces);
    if (!isEmpty) {
      if (indent === 0) indent = Math.max(widest, parentIndent + 1, 1);
      if (spaces < indent) break;
    }
    end = next;
  }
  return end;
}

interface Header {
  length: number;
  explicit: number;
  chomping: string | undefined;
}

function headerOf(source: string): Header | undefined {
  const header = HEADER.exec(source);
  if (!header) return undefined;
  const [{ length }, before, digitAfter, digitBefore, after] = header;
  return { length, explicit: Number(digitAfter ?? digitBefore ?? 0), chomping: before ?? after };
}

interface Line {
  text: string;
  /** Empty on the last line of a text that does not end with one. */
  lineBreak: string;
}

function linesOf(source: string, from: number): Line[] {
  const lines: Line[] = [];
  for (LINE.lastIndex = from; LINE.lastIndex < source.length;) {
    const [, text = '', found = ''] = LINE.exec(source) ?? [];
    lines.push({ text, lineBreak: breaksOf(found)[0] ?? '' });
  }
  return lines;
}

/** The indentation of the first line with content, but no less than what lies inside the parent. */
function detectIndent(lines: readonly Line[], parentIndent: number, offset: number): number {
  let widest = 0;
  for (const { text } of lines) {
    const spaces = spacesOf(text);
    widest = Math.max(widest, spaces);
    if (text[spaces] === '\t') throw tabInIndent(offset);
    if (spaces < text.length) break;
  }
  return Math.max(widest, parentIndent + 1, 1);
}

function join(
  lines: readonly Line[],
  indent: number,
  style: { isLiteral: boolean; chomping: string | undefined; offset: number },
): string {
  let value = '';
  let leadingBreak = '';
  let trailingBreaks = '';
  let wasBlank = false;
  for (const { text, lineBreak } of lines) {
    const spaces = spacesOf(text);
    if (spaces < indent && text[spaces] === '\t') throw tabInIndent(style.offset);
    if (text.length <= indent && spaces === text.length) {
      trailingBreaks += lineBreak;
      continue;
    }
    if (spaces < indent) break;
    const isBlank = text[indent] === ' ' || text[indent] === '\t';
    if (!style.isLiteral && !wasBlank && !isBlank && leadingBreak === '\n') {
      if (trailingBreaks === '') value += ' ';
    } else value += leadingBreak;
    value += trailingBreaks + text.slice(indent);
    trailingBreaks = '';
    leadingBreak = lineBreak;
    wasBlank = isBlank;
  }
  if (style.chomping === '-') return value;
  return style.chomping === '+' ? value + leadingBreak + trailingBreaks : value + leadingBreak;
}

function spacesOf(text: string): number {
  return /^ */.exec(text)?.[0].length ?? 0;
}

function tabInIndent(offset: number): UnreadableText {
  return new UnreadableText('a tab stands where the indentation of a block scalar is looked for', offset);
}
