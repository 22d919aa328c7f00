import {
  TAB,
  NEWLINE,
  CARRIAGE_RETURN,
  SPACE,
  QUOTE,
  COMMA,
  COLON,
  OPEN_LIST,
  BACKSLASH,
  CLOSE_LIST,
  OPEN_OBJECT,
  CLOSE_OBJECT,
} from './json-characters.ts';

/**
 * Walks over JSON as bytes without making values of it: bodies of audit events are measured, never decoded. What is skipped is
 * held to its structure (brackets, strings, what may follow a string), not to all of JSON's grammar.
 */

/** Where the text breaks off, or stops being JSON. */
export class BrokenJson extends Error {
  override readonly name = 'BrokenJson';
}

/** @returns the position of the next byte that is no white space, `end` if there is none */
export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isSpace(bytes[at])) at++;
  return at;
}

/** White space as JSON has it. */
export function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === CARRIAGE_RETURN || byte === TAB;
}

/**
 * @param from behind the opening quotation mark
 * @returns behind the closing one
 */
function skipString(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
    else if (byte < 0x20) throw new BrokenJson('a control character stands in a string');
  }
  throw new BrokenJson('it ends within a string');
}

/** Behind a string stands what separates it from the next, or the text is broken: an unescaped quotation mark, mostly. */
function requireSeparator(bytes: Uint8Array, at: number, end: number): void {
  const next = skipSpace(bytes, at, end);
  const byte = next < end ? bytes[next] : undefined;
  if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || byte === COLON || byte === undefined)
    return;
  throw new BrokenJson('a string ends too early: a quotation mark without a backslash before it?');
}

/**
 * @param from at its first byte
 * @returns behind the value
 */
export function skipValue(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from];
  if (first === QUOTE) {
    const behind = skipString(bytes, from + 1, end);
    requireSeparator(bytes, behind, end);
    return behind;
  }
  if (first === OPEN_OBJECT || first === OPEN_LIST) return skipNested(bytes, from, end);
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST || isSpace(byte)) break;
    if (byte < 0x20 || byte === QUOTE || byte >= 0x7f) break;
  }
  if (at === from) throw new BrokenJson(from < end ? 'a value is missing' : 'it ends before a value');
  requireScalar(bytes, from, at);
  return at;
}

const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word));
const NUMBER: ReadonlySet<number> = new Set(Buffer.from('0123456789+-.eE'));

/** A word without quotation marks is told, a number that has its digits in a wrong order is let through. */
function requireScalar(bytes: Uint8Array, from: number, to: number): void {
  const isLiteral = LITERALS.some(
    (word) => word.length === to - from && word.every((byte, index) => bytes[from + index] === byte),
  );
  for (let at = from; !isLiteral && at < to; at++)
    if (!NUMBER.has(bytes[at] ?? 0)) throw new BrokenJson('a value stands without quotation marks');
}

function skipNested(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      at = skipString(bytes, at + 1, end);
      const next = at < end ? bytes[at] : undefined;
      if (next !== COMMA && next !== COLON && next !== CLOSE_OBJECT && next !== CLOSE_LIST)
        requireSeparator(bytes, at, end);
      at--;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  throw new BrokenJson('it ends before its brackets are closed');
}

/** Called for each member of an object: where its key (without the quotation marks), its value and the whole of it stand. */
type OnMember = (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void;

/**
 * @param from at the opening brace
 * @returns behind the closing one
 */
export function eachMember(bytes: Uint8Array, from: number, end: number, onMember: OnMember): number {
  if (bytes[from] !== OPEN_OBJECT) throw new BrokenJson('it is no JSON object');
  let at = skipSpace(bytes, from + 1, end);
  if (bytes[at] === CLOSE_OBJECT && at < end) return at + 1;
  for (;;) {
    if (at >= end) throw new BrokenJson('it ends before its brackets are closed');
    if (bytes[at] !== QUOTE) throw new BrokenJson('the name of a field is missing');
    const keyStart = at + 1;
    const behindKey = skipString(bytes, keyStart, end);
    at = skipSpace(bytes, behindKey, end);
    if (bytes[at] !== COLON || at >= end)
      throw new BrokenJson('a colon is missing behind the name of a field');
    const valueStart = skipSpace(bytes, at + 1, end);
    const valueEnd = skipValue(bytes, valueStart, end);
    onMember(keyStart, behindKey - 1, valueStart, valueEnd);
    at = skipSpace(bytes, valueEnd, end);
    const separator = at < end ? bytes[at] : undefined;
    if (separator === CLOSE_OBJECT) return at + 1;
    if (separator !== COMMA) throw new BrokenJson('it ends, or a comma is missing, behind a value');
    at = skipSpace(bytes, at + 1, end);
  }
}

/**
 * Called for each item of a list; where it stands.
 * @param from at the opening bracket
 * @returns behind the closing one
 */
export function eachItem(
  bytes: Uint8Array,
  from: number,
  end: number,
  onItem: (start: number, end: number) => void,
): number {
  if (bytes[from] !== OPEN_LIST) throw new BrokenJson('it is no JSON list');
  let at = skipSpace(bytes, from + 1, end);
  if (bytes[at] === CLOSE_LIST && at < end) return at + 1;
  for (;;) {
    if (at >= end) throw new BrokenJson('it ends before its brackets are closed');
    const behind = skipValue(bytes, at, end);
    onItem(at, behind);
    at = skipSpace(bytes, behind, end);
    const separator = at < end ? bytes[at] : undefined;
    if (separator === CLOSE_LIST) return at + 1;
    if (separator !== COMMA) throw new BrokenJson('it ends, or a comma is missing, behind an item');
    at = skipSpace(bytes, at + 1, end);
  }
}
