import { Composer, isCollection, isScalar, type ParsedNode } from 'yaml';
import { UnreadableText } from './document-tree.ts';
import { maskYaml, type MaskedYaml } from './yaml-mask.ts';
import { columnOf, refuseControlCharacters, refuseDirectives, refuseStrayEnd } from './yaml-refusals.ts';
import type { YamlSlice } from './yaml-split.ts';
import { boundedTokens, syntaxMessage, type SyntaxOptions } from './yaml-tokens.ts';

/** The syntax tree of one document. Offsets in it count from `base`. */
export interface YamlSyntax {
  contents: ParsedNode | null;
  /** Nothing but comments: the value reads as null. */
  isEmpty: boolean;
  /** The document's part of `YamlText.normal` and of `.original`. */
  source: string;
  original: string;
  base: number;
  blockScalars: MaskedYaml['blockScalars'];
}

const OTHER_BREAK = /\r(?!\n)|[\u0085\u2028\u2029]/g;

/** A text as it was written, and with every line break of YAML 1.1 as `\n`, for a parser that knows but that. Offsets are alike. */
export interface YamlText {
  original: string;
  normal: string;
}

/** Halves of surrogate pairs become U+FFFD, which is what other programs make of them. */
export function toYamlText(text: string): YamlText {
  const original = text.toWellFormed();
  return { original, normal: original.replace(OTHER_BREAK, '\n') };
}

/**
 * Reads the syntax of one document of a text, one of `splitYaml(text.normal)`. Scalars stay as they are written: what
 * they mean is for `readYamlValue`.
 *
 * @throws UnreadableText at the first place that is not YAML 1.1 as go.yaml.in/yaml/v2 has it, or is nested deeper than `maxDepth`.
 */
export function parseYaml(text: YamlText, slice: YamlSlice, options: SyntaxOptions): YamlSyntax {
  const source = text.normal.slice(slice.start, slice.end);
  const original = text.original.slice(slice.start, slice.end);
  const base = slice.start;
  if (!slice.hasContent)
    return { contents: null, isEmpty: true, source, original, base, blockScalars: new Map() };
  refuseControlCharacters(source, base);
  refuseDirectives(text.normal.slice(slice.start, slice.contentStart), base);
  refuseStrayEnd(source, base);
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    prettyErrors: false,
  });
  if (!options.ignoreRest) stopAtFirstError(composer, base);
  try {
    const masked = maskYaml(source, base, options.maxDepth);
    if (masked.unclosed !== undefined && !options.ignoreRest)
      throw new UnreadableText('a quoted text that begins here is not closed', base + masked.unclosed);
    const end = options.ignoreRest ? masked.end : source.length;
    const [document] = composer.compose(boundedTokens(masked.text.slice(0, end), base, options), true, end);
    const contents = document?.contents ?? null;
    const [error] = document?.errors.toSorted((one, other) => one.pos[0] - other.pos[0]) ?? [];
    const isRest = error && options.ignoreRest && isOutdented(source, contents, error.pos[0]);
    if (error && !isRest) throw new UnreadableText(syntaxMessage(error.message), base + error.pos[0]);
    return {
      contents,
      isEmpty: contents === null || isNothing(contents),
      source,
      original,
      base,
      blockScalars: masked.blockScalars,
    };
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableText('nested too deep to be read', base, 'depth');
    throw error;
  }
}

/**
 * The composer collects errors, and a hostile megabyte makes a million of them: twenty seconds. Its callback is replaced by one that
 * throws. Were the package to change, errors would be collected as before.
 */
function stopAtFirstError(composer: Composer, base: number): void {
  let first: UnreadableText | undefined;
  const onError = (
    at: number | [number, number] | { offset: number },
    _code: string,
    message: string,
    isWarning?: boolean,
  ): void => {
    if (isWarning === true) return;
    const offset = typeof at === 'number' ? at : Array.isArray(at) ? at[0] : at.offset;
    // What is thrown passes through catch clauses that report it as an error again.
    first ??= new UnreadableText(syntaxMessage(message), base + offset);
    throw first;
  };
  Object.assign(composer, { onError });
}

/** Whether an offset lies behind the document's block mapping or sequence, on a line that is indented less than its first. */
function isOutdented(source: string, contents: ParsedNode | null, offset: number): boolean {
  if (!isCollection(contents) || contents.flow || offset < contents.range[1]) return false;
  const lineStart = contents.range[0] - columnOf(source, contents.range[0]);
  const indent = /^[ \ufeff]*/.exec(source.slice(lineStart))?.[0].length ?? 0;
  return columnOf(source, offset) < indent;
}

function isNothing(node: ParsedNode): boolean {
  return isScalar(node) && node.source === '' && node.type === 'PLAIN' && !node.anchor && !node.tag;
}
