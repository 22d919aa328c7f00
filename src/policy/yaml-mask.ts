import { UnreadableText } from './document-tree.ts';
import { blockScalarEnd } from './yaml-block-scalar.ts';

/** A text whose structure the parser of YAML 1.2 reads as yaml.v2 reads the original's. Offsets are those of the original. */
export interface MaskedYaml {
  text: string;
  /** Literal and folded scalars, which look quoted to the parser: by where they begin. */
  blockScalars: ReadonlyMap<number, { end: number; parentIndent: number }>;
  /** Where a quoted scalar begins that is not closed. */
  unclosed: number | undefined;
  /** Where the document ends: at a directive after its content, else with the text. */
  end: number;
}

const BLANKS = ' \t';
const QUOTED = { "'": /'[^']*(?:''[^']*)*'/y, '"': /"[^"\\]*(?:\\[^][^"\\]*)*"/y };
const TAG = /!(?:<[^>\s]*>|(?:[0-9A-Za-z_-]*!)?((?:[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]-]|%[0-9A-Fa-f]{2})*))/y;
const DIRECTIVE = /^%(?:YAML[ \t]+[0-9]+\.[0-9]+|TAG[ \t]+!\S*[ \t]+\S+)[ \t]*(?:#.*)?\r?$/;
const ANCHOR = /[*&][^ \t\r\n,[\]{}]*/y;

/**
 * Bridges what YAML 1.1 and 1.2, libyaml and the npm parser see differently in the shape of a text, by following libyaml's scanner
 * (scannerc.go of yaml.v2) over it: scalars that go over several lines with less indentation than YAML 1.2 asks for, `:` and `-` within
 * plain scalars of flow style, commas within tags. The characters in question are replaced one for one; scalars are read from the
 * original later.
 *
 * @param base where the text begins in the whole one: added to the offset of what is refused
 * @throws UnreadableText for what only libyaml's scanner sees: tabs in indentation, tags that run into something else; and for nesting beyond `maxDepth`
 */
export function maskYaml(text: string, base: number, maxDepth: number): MaskedYaml {
  return new Masker(text, base, maxDepth).mask();
}

class Masker {
  readonly #text: string;
  readonly #base: number;
  readonly #maxDepth: number;
  readonly #blockScalars = new Map<number, { end: number; parentIndent: number }>();
  #masked = '';
  #copied = 0;
  #at = 0;
  #lineStart = 0;
  /** The column of the innermost block collection, and of those around it; libyaml calls them so. */
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  /** Where a key may have begun that is written without `?`. */
  #keyColumn: number | undefined;
  /** Whether a key may begin here; libyaml calls it so. Where it may, a tab would be indentation. */
  #simpleKeyAllowed = true;
  #isAfterPlain = false;
  #hasContent = false;
  #end: number | undefined;
  #unclosed: number | undefined;

  constructor(text: string, base: number, maxDepth: number) {
    this.#maxDepth = maxDepth;
    this.#text = text;
    this.#base = base;
  }

  mask(): MaskedYaml {
    while (this.#at < this.#text.length) {
      this.#next();
      if (this.#flowLevel + this.#indents.length > this.#maxDepth)
        throw new UnreadableText(
          `nested deeper than ${this.#maxDepth} levels`,
          this.#base + this.#at - 1,
          'depth',
        );
    }
    this.#masked += this.#text.slice(this.#copied);
    return {
      text: this.#masked,
      blockScalars: this.#blockScalars,
      unclosed: this.#unclosed,
      end: this.#end ?? this.#text.length,
    };
  }

  /** Goes over one token, blank or line break. */
  #next(): void {
    const character = this.#text.charAt(this.#at);
    if (character === ' ') this.#at++;
    else if (character === '\t') this.#tab();
    else if (character === '\r') this.#carriageReturn();
    else if (character === '\n') this.#lineBreak();
    else if (character === '#') this.#comment();
    else this.#token(character);
  }

  #tab(): void {
    if (this.#flowLevel === 0 && this.#simpleKeyAllowed) throw this.#refusedTab(this.#at);
    this.#at++;
  }

  #refusedTab(at: number): UnreadableText {
    return new UnreadableText('a tab stands where YAML takes only spaces', this.#base + at);
  }

  #carriageReturn(): void {
    if (this.#flowLevel > 0) this.#replace(this.#at, this.#at + 1, ' ');
    this.#at++;
  }

  #token(character: string): void {
    const column = this.#at - this.#lineStart;
    const isFlow = this.#flowLevel > 0;
    if (!isFlow) this.#unroll(column);
    const wasPlain = this.#isAfterPlain;
    this.#hasContent ||= character !== '%';
    this.#isAfterPlain = false;
    const isAlone = this.#isBlank(this.#at + 1);
    if (column === 0 && !isFlow && (character === '%' || /^(?:---|\.\.\.)(?:\s|$)/.test(this.#peek(4)))) {
      if (this.#hasContent && DIRECTIVE.test(this.#text.slice(this.#at, this.#endOfLine())))
        this.#end ??= this.#at;
      this.#at = character === '%' ? this.#endOfLine() : this.#at + 3;
      this.#hasContent ||= character !== '%';
      this.#simpleKeyAllowed = false;
    } else if (character === '[' || character === '{') {
      this.#mayBeKey(column);
      this.#flowLevel++;
      this.#at++;
      this.#simpleKeyAllowed = true;
    } else if (character === ']' || character === '}') {
      this.#flowLevel = Math.max(0, this.#flowLevel - 1);
      this.#at++;
      this.#simpleKeyAllowed = false;
    } else if (character === ',' && isFlow) this.#at++;
    else if ((character === '-' || character === '?') && (isAlone || (isFlow && character === '?'))) {
      this.#roll(column);
      this.#keyColumn = undefined;
      this.#at++;
      this.#simpleKeyAllowed = true;
    } else if (character === ':' && (isAlone || isFlow)) {
      this.#simpleKeyAllowed = this.#keyColumn === undefined && !isFlow;
      this.#roll(this.#keyColumn ?? column);
      this.#keyColumn = undefined;
      this.#at++;
    } else if ((character === '|' || character === '>') && !isFlow) this.#blockScalar();
    else {
      this.#mayBeKey(column);
      this.#scalar(character, wasPlain);
    }
  }

  #scalar(character: string, wasPlain: boolean): void {
    this.#simpleKeyAllowed = false;
    if (character === '"' || character === "'") this.#quoted(character);
    else if (character === '!') this.#tag();
    else if (character === '&' || character === '*') this.#at += Math.max(1, this.#match(ANCHOR).length);
    else {
      this.#plain();
      this.#isAfterPlain = true;
    }
    if (wasPlain) this.#isAfterPlain = true;
  }

  #lineBreak(): void {
    if (this.#flowLevel > 0) this.#replace(this.#at, this.#at + 1, ' ');
    else {
      this.#keyColumn = undefined;
      this.#simpleKeyAllowed = true;
    }
    this.#lineStart = ++this.#at;
  }

  /** One that stands right after a token would be an error of YAML 1.2; one in flow style ends a plain scalar, which blanks do not. */
  #comment(): void {
    const end = this.#endOfLine();
    const isAdjacent = this.#at > this.#lineStart && !this.#isBlank(this.#at - 1);
    if (isAdjacent || (this.#flowLevel > 0 && !this.#isAfterPlain)) this.#replace(this.#at, end, ' ');
    else if (this.#flowLevel > 0 && end < this.#text.length) this.#lineStart = end + 1;
    this.#at = this.#flowLevel > 0 && this.#isAfterPlain ? Math.min(end + 1, this.#text.length) : end;
  }

  #quoted(quote: '"' | "'"): void {
    const source = this.#match(QUOTED[quote]);
    if (source === '') {
      this.#unclosed ??= this.#at;
      this.#at = this.#text.length;
      return;
    }
    const [start, end] = [this.#at, this.#at + source.length];
    if (/[\\\r\n]/.test(source)) this.#replace(start + 1, end - 1, 'x');
    const lastBreak = source.lastIndexOf('\n');
    if (lastBreak !== -1) this.#lineStart = start + lastBreak + 1;
    this.#at = end;
  }

  /** Beyond its handle a tag goes on over exclamation marks, and over commas and brackets too. */
  #tag(): void {
    TAG.lastIndex = this.#at;
    const [source = '!', suffix = ''] = TAG.exec(this.#text) ?? [];
    const end = this.#at + source.length;
    for (const { index } of suffix.matchAll(/[!,[\]]/g)) {
      const at = end - suffix.length + index;
      this.#replace(at, at + 1, 'x');
    }
    this.#at = end;
    if (!this.#isBlank(end)) throw new UnreadableText('a tag must be followed by a blank', this.#base + end);
  }

  #plain(): void {
    const isFlow = this.#flowLevel > 0;
    // The parser skips a byte order mark at the start of a line, which yaml.v2 does at the start of the text only.
    if (this.#text[this.#at] === '\ufeff') this.#replace(this.#at, this.#at + 1, 'x');
    if (isFlow && this.#text[this.#at] === '-' && this.#isFlowIndicator(this.#at + 1))
      this.#replace(this.#at, this.#at + 1, 'x');
    for (;;) {
      this.#plainWord(isFlow);
      const next = this.#afterBlanks(this.#at);
      const hasBreak = next.lineStart > this.#lineStart;
      const isEnd =
        next.at === this.#at ||
        next.at >= this.#text.length ||
        this.#text[next.at] === '#' ||
        (hasBreak && !isFlow && next.at - next.lineStart <= this.#indent);
      if (hasBreak && isFlow) this.#replaceBreaks(this.#at, next.at);
      this.#at = next.at;
      this.#lineStart = next.lineStart;
      if (isEnd || this.#isPlainEnd(next.at, isFlow)) {
        this.#simpleKeyAllowed = hasBreak;
        if (hasBreak && !isFlow) this.#keyColumn = undefined;
        return;
      }
    }
  }

  #plainWord(isFlow: boolean): void {
    while (this.#at < this.#text.length && !this.#isBlank(this.#at) && !this.#isPlainEnd(this.#at, isFlow)) {
      if (isFlow && this.#text[this.#at] === ':') this.#replace(this.#at, this.#at + 1, 'x');
      this.#at++;
    }
  }

  #isPlainEnd(at: number, isFlow: boolean): boolean {
    const character = this.#text.charAt(at);
    if (character === ':') return this.#isBlank(at + 1);
    return isFlow && ',?[]{}'.includes(character);
  }

  #blockScalar(): void {
    const start = this.#at;
    const end = blockScalarEnd(this.#text, start, this.#indent);
    if (end === undefined) {
      this.#at = this.#endOfLine();
      return;
    }
    this.#blockScalars.set(start, { end, parentIndent: this.#indent });
    const lastBreak = this.#text[end - 1] === '\n' ? end - 1 : end;
    if (lastBreak - start === 1) this.#replace(start, lastBreak, 'x');
    else {
      this.#replace(start, start + 1, '"');
      this.#replace(start + 1, lastBreak - 1, 'x');
      this.#replace(lastBreak - 1, lastBreak, '"');
    }
    this.#keyColumn = undefined;
    this.#simpleKeyAllowed = true;
    this.#at = end;
    this.#lineStart = end;
  }

  #mayBeKey(column: number): void {
    if (this.#flowLevel === 0) this.#keyColumn ??= column;
  }

  #roll(column: number): void {
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
  }

  #unroll(column: number): void {
    while (this.#indent > column) this.#indent = this.#indents.pop() ?? -1;
  }

  /** Past blanks and line breaks. */
  #afterBlanks(from: number): { at: number; lineStart: number } {
    let at = from;
    let lineStart = this.#lineStart;
    for (; at < this.#text.length && this.#isBlank(at); at++) {
      if (this.#text[at] === '\n') lineStart = at + 1;
      const isIndent = lineStart > this.#lineStart && at - lineStart <= this.#indent;
      if (this.#text[at] === '\t' && isIndent) throw this.#refusedTab(at);
    }
    return { at, lineStart };
  }

  #isBlank(at: number): boolean {
    const character = this.#text[at];
    return character === undefined || BLANKS.includes(character) || character === '\n' || character === '\r';
  }

  #isFlowIndicator(at: number): boolean {
    return at < this.#text.length && ',[]{}'.includes(this.#text.charAt(at));
  }

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at);
    return end === -1 ? this.#text.length : end;
  }

  #peek(length: number): string {
    return this.#text.slice(this.#at, this.#at + length);
  }

  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    return expression.exec(this.#text)?.[0] ?? '';
  }

  #replaceBreaks(start: number, end: number): void {
    for (let at = start; at < end; at++)
      if (!BLANKS.includes(this.#text.charAt(at))) this.#replace(at, at + 1, ' ');
  }

  /** Replacements come in the order of the text. */
  #replace(start: number, end: number, by: string): void {
    this.#masked += this.#text.slice(this.#copied, start) + by.repeat(end - start);
    this.#copied = end;
  }
}
