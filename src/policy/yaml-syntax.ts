import {
  Composer,
  isCollection as isCollectionNode,
  isScalar,
  Lexer,
  Parser,
  type CST,
  type ParsedNode,
} from 'yaml';
import { UnreadableText } from './document-tree.ts';
import {
  columnOf,
  refuseControlCharacters,
  refuseDirectives,
  refuseInFlow,
  refuseStrayEnd,
  refuseTab,
} from './yaml-refusals.ts';
import type { YamlSlice } from './yaml-split.ts';

/** The syntax tree of one document. Offsets in it count from `base`. */
export interface YamlSyntax {
  contents: ParsedNode | null;
  /** Nothing but comments: the value reads as null. */
  isEmpty: boolean;
  source: string;
  base: number;
}

/** The lexer's mark that its next lexeme is a scalar's text. */
const SCALAR_FOLLOWS = '\x1f';
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
 * @param options.ignoreRest whether to leave unread, as yaml.v2 does, what follows the document's one value: lines indented less than
 * its first
 * @throws UnreadableText at the first place that is not YAML 1.1 as go.yaml.in/yaml/v2 has it, or is nested deeper than `maxDepth`.
 */
export function parseYaml(
  text: string,
  slice: YamlSlice,
  options: { maxDepth: number; ignoreRest?: boolean },
): YamlSyntax {
  const source = text.slice(slice.start, slice.end);
  const base = slice.start;
  refuseControlCharacters(source, base);
  refuseDirectives(text.slice(slice.start, slice.contentStart), base);
  refuseStrayEnd(source, base);
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
  });
  try {
    const [document] = composer.compose(boundedTokens(source, base, options.maxDepth), true, source.length);
    const contents = document?.contents ?? null;
    const [error] = document?.errors.toSorted((one, other) => one.pos[0] - other.pos[0]) ?? [];
    const isRest = error && options.ignoreRest === true && isOutdented(source, contents, error.pos[0]);
    if (error && !isRest) throw new UnreadableText(inOurWords(error.message), base + error.pos[0]);
    return { contents, isEmpty: contents === null || isNothing(contents), source, base };
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableText('nested too deep to be read', base, 'depth');
    throw error;
  }
}

/** The parser's own stack tells the depth while it grows, so that deep nesting is refused after `maxDepth` levels of it. */
function* boundedTokens(source: string, base: number, maxDepth: number): Generator<CST.Token> {
  const parser = new Parser();
  let lineStart = 0;
  let isScalar = false;
  let afterPlain = false;
  for (const lexeme of new Lexer().lex(source)) {
    const offset = parser.offset;
    if (parser.stack.some(isFlow))
      refuseInFlow(lexeme, {
        isPlain: isScalar,
        next: source.charAt(offset + lexeme.length),
        afterPlain,
        offset: base + offset,
      });
    else if (!isScalar && /^[ \t]*\t[ \t]*$/.test(lexeme))
      refuseTab(source.slice(lineStart, offset), lexeme, base + offset);
    afterPlain = isScalar;
    isScalar = lexeme === SCALAR_FOLLOWS;
    for (const token of parser.next(lexeme)) yield token;
    const lastBreak = lexeme.lastIndexOf('\n');
    if (lastBreak !== -1) lineStart = offset + lastBreak + 1;
    if (parser.stack.length > maxDepth && parser.stack.filter(isCollection).length > maxDepth)
      throw new UnreadableText(`nested deeper than ${maxDepth} levels`, base + offset, 'depth');
  }
  yield* parser.end();
}

/** Whether an offset lies behind the document's block mapping or sequence, on a line that is indented less than its first. */
function isOutdented(source: string, contents: ParsedNode | null, offset: number): boolean {
  if (!isCollectionNode(contents) || contents.flow || offset < contents.range[1]) return false;
  return columnOf(source, offset) < columnOf(source, contents.range[0]);
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.source === '' && node.type === 'PLAIN' && !node.anchor && !node.tag;
}

function isFlow(token: CST.Token): boolean {
  return token.type === 'flow-collection';
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection';
}

/** The parser's message, put plainly where it speaks of its own tokens. */
function inOurWords(message: string): string {
  if (/at node end|Unexpected .* token in YAML stream/.test(message))
    return 'something follows after the end of the value: is it indented as the lines before it?';
  if (message.startsWith('All mapping items must start at the same column'))
    return 'the fields of one object must be indented alike';
  return message.charAt(0).toLowerCase() + message.slice(1);
}
