import { scalarStyle } from './render-style.ts';

const WIDTH = 80;

const ESCAPES = new Map<number, string>([
  [0x00, '0'],
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0b, 'v'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x1b, 'e'],
  [0x22, '"'],
  [0x5c, '\\'],
  [0x85, 'N'],
  [0xa0, '_'],
  [0x2028, 'L'],
  [0x2029, 'P'],
]);

/**
 * Writes block YAML as go.yaml.in/yaml/v2 v2.4.4 does, byte for byte: the same three pieces of state decide where it
 * breaks lines. Knows mappings, sequences and scalars, no tags, anchors or flow style beyond `{}` and `[]`.
 * Indents are columns; strings must have passed `throughJson`.
 */
export class YamlEmitter {
  #pieces: string[] = [];
  #column = 0;
  /** What was last written counts as white space, so that no space is needed before the next token. */
  #afterSpace = true;
  /** Nothing but indentation and `-` stands on this line yet. */
  #inIndentation = true;

  /** Writes a mapping's key at its indent; the value must follow. The key must be a word that stays plain. */
  key(name: string, indent: number): void {
    this.#startLine(indent);
    this.#token(name);
    this.#raw(':');
  }

  /** Writes the `-` of a sequence's item at its indent; the item must follow. */
  item(indent: number): void {
    this.#startLine(indent);
    const wasInIndentation = this.#inIndentation;
    this.#token('-');
    this.#inIndentation = wasInIndentation;
  }

  /** Writes `true`, `null`, `{}`, `[]`: what needs no quoting. */
  word(text: string): void {
    this.#token(text);
  }

  /** Writes a string in the style that suits it; continuation lines start at `indent`. */
  string(text: string, indent: number): void {
    const style = scalarStyle(text);
    if (style === 'plain') this.#plain(text, indent);
    else if (style === 'single') this.#singleQuoted(text, indent);
    else if (style === 'double') this.#doubleQuoted(text, indent);
    else this.#literal(text, indent);
  }

  /** Ends the document and returns its text. */
  finish(): string {
    this.#startLine(0);
    return this.#pieces.join('');
  }

  #raw(text: string): void {
    this.#pieces.push(text);
    this.#column += text.length;
  }

  #newline(): void {
    this.#pieces.push('\n');
    this.#column = 0;
  }

  #token(text: string): void {
    if (!this.#afterSpace) this.#raw(' ');
    this.#raw(text);
    this.#afterSpace = false;
    this.#inIndentation = false;
  }

  #startLine(indent: number): void {
    const isPast = this.#column > indent || (this.#column === indent && !this.#afterSpace);
    if (!this.#inIndentation || isPast) this.#newline();
    if (this.#column < indent) this.#raw(' '.repeat(indent - this.#column));
    this.#afterSpace = true;
    this.#inIndentation = true;
  }

  #plain(text: string, indent: number): void {
    this.#token('');
    // Words hold all that cannot fold: a line may break only at a space that stands alone.
    for (const [i, word] of splitAtSingleSpaces(text).entries()) {
      if (i > 0) {
        if (this.#column > WIDTH) this.#startLine(indent);
        else this.#raw(' ');
      }
      this.#raw(word);
    }
    this.#afterSpace = false;
    this.#inIndentation = false;
  }

  #singleQuoted(text: string, indent: number): void {
    this.#token("'");
    let afterSpace = false;
    let afterBreak = false;
    for (let i = 0; i < text.length; i++) {
      const character = text.charAt(i);
      if (character === ' ') {
        const mayFold =
          !afterSpace && this.#column > WIDTH && i > 0 && i < text.length - 1 && text[i + 1] !== ' ';
        if (mayFold) this.#startLine(indent);
        else this.#raw(' ');
        afterSpace = true;
      } else if (isUnicodeBreak(character)) {
        this.#unicodeBreak(character);
        afterBreak = true;
      } else {
        if (afterBreak) this.#startLine(indent);
        this.#raw(character === "'" ? "''" : character);
        this.#inIndentation = false;
        afterSpace = false;
        afterBreak = false;
      }
    }
    this.#raw("'");
    this.#afterSpace = false;
    this.#inIndentation = false;
  }

  #doubleQuoted(text: string, indent: number): void {
    this.#token('"');
    // yaml.v2 looks for the byte order mark at the string's start, whichever character it is at.
    const escapesAll = text.startsWith('\ufeff');
    let afterSpace = false;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i) ?? 0;
      if (escapesAll || mustEscape(point)) {
        this.#raw(escape(point));
        afterSpace = false;
        if (point > 0xffff) i++;
      } else if (point === 0x20) {
        if (!afterSpace && this.#column > WIDTH && i > 0 && i < text.length - 1) {
          this.#startLine(indent);
          if (text[i + 1] === ' ') this.#raw('\\');
        } else {
          this.#raw(' ');
        }
        afterSpace = true;
      } else {
        this.#raw(text.charAt(i));
        afterSpace = false;
      }
    }
    this.#raw('"');
    this.#afterSpace = false;
    this.#inIndentation = false;
  }

  #literal(text: string, indent: number): void {
    this.#token(`|${/^[ \n\u2028\u2029]/.test(text) ? '2' : ''}${chomping(text)}`);
    this.#newline();
    this.#inIndentation = true;
    this.#afterSpace = true;
    let afterBreak = true;
    for (const character of text) {
      if (character === '\n' || isUnicodeBreak(character)) {
        if (character === '\n') this.#newline();
        else this.#unicodeBreak(character);
        this.#inIndentation = true;
        afterBreak = true;
      } else {
        if (afterBreak) this.#startLine(indent);
        this.#raw(character);
        this.#inIndentation = false;
        afterBreak = false;
      }
    }
  }

  #unicodeBreak(character: string): void {
    this.#pieces.push(character);
    this.#column = 0;
    this.#inIndentation = true;
  }
}

function splitAtSingleSpaces(text: string): string[] {
  return text.split(/(?<! ) (?! )/);
}

function isUnicodeBreak(character: string): boolean {
  return character === '\u2028' || character === '\u2029';
}

/** `-` no final break, nothing one, `+` two or more, or nothing but a break. */
function chomping(text: string): '' | '-' | '+' {
  if (!/[\n\u2028\u2029]$/.test(text)) return '-';
  return text.length === 1 || /[\n\u2028\u2029]{2}$/.test(text) ? '+' : '';
}

function mustEscape(point: number): boolean {
  if (point === 0x22 || point === 0x5c || point === 0x2028 || point === 0x2029 || point === 0xfeff)
    return true;
  return point < 0x20 || (point > 0x7e && point < 0xa0) || point > 0xfffd;
}

function escape(point: number): string {
  const short = ESCAPES.get(point);
  if (short !== undefined) return `\\${short}`;
  const [letter, width] = point <= 0xff ? ['x', 2] : point <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${point.toString(16).toUpperCase().padStart(width, '0')}`;
}
