import type { Position } from './problem.ts';

const EDITOR_BREAKS = /\r\n|\n|\r/g;

/**
 * Turns offsets (UTF-16 units) of a text into lines and columns, both from 1, columns in code points. It looks at the text when it
 * is first asked, and remembers its last answer, so that many problems on one huge line cost one pass over it.
 */
export class TextLocation {
  readonly #text: string;
  readonly #breaks: RegExp;
  #lineStarts: number[] | undefined;
  #last = { line: 0, offset: 0, column: 1 };

  /** `breaks` is a global expression for what ends a line; by default what editors count. */
  constructor(text: string, breaks: RegExp = EDITOR_BREAKS) {
    this.#text = text;
    this.#breaks = breaks;
  }

  /** The line of an offset, from 1. Offsets beyond the text answer its last line. */
  lineAt(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  positionAt(offset: number): Position {
    const bounded = Math.min(Math.max(offset, 0), this.#text.length);
    const line = this.lineAt(bounded);
    const start =
      this.#last.line === line && this.#last.offset <= bounded
        ? this.#last
        : { offset: this.#starts()[line - 1] ?? 0, column: 1 };
    let { offset: index, column } = start;
    for (; index < bounded; column++) index += (this.#text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
    this.#last = { line, offset: index, column };
    return { line, column };
  }

  #starts(): readonly number[] {
    if (this.#lineStarts) return this.#lineStarts;
    const starts = [0];
    this.#breaks.lastIndex = 0;
    while (this.#breaks.test(this.#text)) starts.push(this.#breaks.lastIndex);
    this.#lineStarts = starts;
    return starts;
  }
}
