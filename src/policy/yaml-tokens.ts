import { Lexer, Parser, type CST } from 'yaml';
import { UnreadableText } from './document-tree.ts';
import { refuseInFlow } from './yaml-refusals.ts';

export interface SyntaxOptions {
  maxDepth: number;
  /** Beyond it the document is refused while it is read. */
  maxAliases: number;
  /**
   * Whether to leave unread, as yaml.v2 does, what follows the document's one value, on lines indented less than its first; and to
   * go on after errors, to see which it is.
   */
  ignoreRest: boolean;
}

/** The lexer's mark that its next lexeme is a scalar's text. */
const SCALAR_FOLLOWS = '\x1f';

/**
 * The parser's tokens of one document, read no further than the first thing that will be refused anyway. The parser's own stack tells
 * the depth while it grows, so deep nesting costs `maxDepth` levels, not the text.
 *
 * @throws UnreadableText
 */
export function* boundedTokens(source: string, base: number, options: SyntaxOptions): Generator<CST.Token> {
  const parser = new Parser();
  let aliases = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(source)) {
    const offset = parser.offset;
    if (isScalar && parser.stack.some(isFlow)) refuseInFlow(lexeme, base + offset);
    if (!isScalar && lexeme.startsWith('*') && ++aliases > options.maxAliases)
      throw new UnreadableText('too many aliases', base + offset, 'aliases');
    isScalar = lexeme === SCALAR_FOLLOWS;
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' && !options.ignoreRest)
        throw new UnreadableText(syntaxMessage(token.message), base + token.offset);
      yield token;
    }
    if (parser.stack.length > options.maxDepth && parser.stack.filter(isCollection).length > options.maxDepth)
      throw new UnreadableText(`nested deeper than ${options.maxDepth} levels`, base + offset, 'depth');
  }
  yield* parser.end();
}

function isFlow(token: CST.Token): boolean {
  return token.type === 'flow-collection';
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection';
}

/** The parser's message, put plainly where it speaks of its own tokens. */
export function syntaxMessage(message: string): string {
  if (/at node end|Unexpected .* token in YAML stream/.test(message))
    return 'something follows after the end of the value: is it indented as the lines before it?';
  if (message.startsWith('All mapping items must start at the same column'))
    return 'the fields of one object must be indented alike';
  return message.charAt(0).toLowerCase() + message.slice(1);
}
