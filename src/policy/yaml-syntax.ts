import { Composer, isScalar, Lexer, Parser, type CST, type ParsedNode } from 'yaml';
import { UnreadableText } from './document-tree.ts';
import type { YamlSlice } from './yaml-split.ts';

/** The syntax tree of one document. Offsets in it count from `base`. */
export interface YamlSyntax {
  contents: ParsedNode | null;
  /** Nothing but comments: the value reads as null. */
  isEmpty: boolean;
  source: string;
  base: number;
}

const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const LONE_BREAK = /\r(?!\n)|\u0085/g;

/**
 * Makes a text ready for `splitYaml` without moving any offset: YAML 1.1's line breaks become `\n`, and halves of surrogate
 * pairs U+FFFD.
 */
export function normaliseYaml(text: string): string {
  return text.toWellFormed().replace(LONE_BREAK, '\n');
}

/**
 * Reads the syntax of one document of a text that went through `normaliseYaml`. Scalars stay strings as they are written: what
 * they mean is for `readYamlValue`.
 *
 * @throws UnreadableText at the first place that is not YAML 1.1 as go.yaml.in/yaml/v2 has it, or is nested deeper than `maxDepth`.
 */
export function parseYaml(text: string, slice: YamlSlice, maxDepth: number): YamlSyntax {
  const source = text.slice(slice.start, slice.end);
  const base = slice.start;
  refuseControlCharacters(source, base);
  refuseDirectives(text.slice(slice.start, slice.contentStart), base);
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
  });
  try {
    const [document] = composer.compose(boundedTokens(source, base, maxDepth), true, source.length);
    const [error] = document?.errors.toSorted((one, other) => one.pos[0] - other.pos[0]) ?? [];
    if (error) throw new UnreadableText(lowerFirst(error.message), base + error.pos[0]);
    const contents = document?.contents ?? null;
    return { contents, isEmpty: contents === null || isNothing(contents), source, base };
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableText('nested too deep to be read', base, 'depth');
    throw error;
  }
}

/** The parser's own stack tells the depth while it grows, so that deep nesting is refused after `maxDepth` levels of it. */
function* boundedTokens(source: string, base: number, maxDepth: number): Generator<CST.Token> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(source)) {
    for (const token of parser.next(lexeme)) yield token;
    if (parser.stack.length > maxDepth && parser.stack.filter(isCollection).length > maxDepth)
      throw new UnreadableText(
        `nested deeper than ${maxDepth} levels`,
        base + parser.offset - lexeme.length,
        'depth',
      );
  }
  yield* parser.end();
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.source === '' && node.type === 'PLAIN' && !node.anchor && !node.tag;
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection';
}

function refuseControlCharacters(source: string, base: number): void {
  const found = FORBIDDEN.exec(source);
  if (!found) return;
  const code = found[0].codePointAt(0) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  throw new UnreadableText(`the control character ${name} is not allowed in YAML`, base + found.index);
}

/** yaml.v2 knows `%YAML 1.1` and `%TAG`, and refuses any other directive or version, and `%YAML` twice. */
function refuseDirectives(prelude: string, base: number): void {
  let hasVersion = false;
  for (const { 0: line, index } of prelude.matchAll(/^%.*$/gm)) {
    const isVersion = /^%YAML[ \t]+0*1\.0*1[ \t]*(?:#.*)?\r?$/.test(line);
    if ((!isVersion && !/^%TAG[ \t]/.test(line)) || (isVersion && hasVersion))
      throw new UnreadableText('only the directives %YAML 1.1 and %TAG are read', base + index);
    hasVersion ||= isVersion;
  }
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
