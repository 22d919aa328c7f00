/**
 * What go.yaml.in/yaml/v2 refuses and the `yaml` package lets pass. Each function throws UnreadableText; `base` is where the source
 * begins in the whole text.
 */
import type { CST } from 'yaml';
import { UnreadableText } from './document-tree.ts';

const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const STRAY_END = /^(?:(?:[ ]*(?:#.*)?|%.*)\r?\n)*\.\.\.(?:[ \t\r\n]|$)/;
const MAX_IMPLICIT_KEY = 1024;

export function refuseControlCharacters(source: string, base: number): void {
  const found = FORBIDDEN.exec(source);
  if (!found) return;
  const code = found[0].codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  throw new UnreadableText(`the control character ${name} is not allowed in YAML`, base + found.index);
}

/** yaml.v2 knows `%YAML 1.1` and `%TAG`, and refuses any other directive or version, and `%YAML` twice. */
export function refuseDirectives(prelude: string, base: number): void {
  let hasVersion = false;
  for (const { 0: line, index } of prelude.matchAll(/^%.*$/gm)) {
    const isVersion = /^%YAML[ \t]+0*1\.0*1[ \t]*(?:#.*)?\r?$/.test(line);
    if ((!isVersion && !/^%TAG[ \t]/.test(line)) || (isVersion && hasVersion))
      throw new UnreadableText('only the directives %YAML 1.1 and %TAG are read', base + index);
    hasVersion ||= isVersion;
  }
}

/** `...` ends a document, and there must be one. */
export function refuseStrayEnd(source: string, base: number): void {
  if (STRAY_END.test(source)) throw new UnreadableText('"..." stands before any document', base);
}

/**
 * A key without `?` must end with its `:` on the line where it begins, within 1024 characters; with `?`, in block style, the `:` must stand
 * under it.
 */
export function refuseKey(
  item: CST.CollectionItem | undefined,
  isFlow: boolean,
  source: string,
  base: number,
): void {
  const colon = item?.sep?.find(({ type }) => type === 'map-value-ind');
  // The parser drops such a value without a word.
  if (item?.value && !colon && !isFlow)
    throw new UnreadableText('a value stands after a key without ":"', base + item.value.offset);
  if (!item?.key || !colon) return;
  const question = item.start.find(({ type }) => type === 'explicit-key-ind');
  if (question) {
    if (!isFlow && columnOf(source, colon.offset) !== columnOf(source, question.offset))
      throw new UnreadableText('"?" and its ":" must stand in one column', base + colon.offset);
    return;
  }
  const property = item.start.find(({ type }) => type === 'anchor' || type === 'tag');
  const start = property?.offset ?? item.key.offset;
  if (colon.offset - start > MAX_IMPLICIT_KEY || source.slice(start, colon.offset).includes('\n'))
    throw new UnreadableText(
      'a key and its ":" must stand on one line, at most 1024 characters long',
      base + start,
    );
}

/** In flow style a plain scalar cannot hold a `?` or begin with `:`. */
export function refuseInFlow(plainScalar: string, offset: number): void {
  if (plainScalar.includes('?') || plainScalar.startsWith(':'))
    throw new UnreadableText(
      'within [ ] and { } a text with "?", or with ":" in front, needs quotes',
      offset,
    );
}

/** From 0, in UTF-16 units. */
export function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}
