import { displayWidth, printableLine } from './terminal.ts';

const GAP = '   ';

/** Rows under headers, each column as wide as its widest cell; the last one has no padding. Cells are one line each. */
export class Table {
  readonly #headers: readonly string[];
  #widths: number[];

  constructor(headers: readonly string[]) {
    this.#headers = headers;
    this.#widths = headers.map(displayWidth);
  }

  /** The whole table; later rows keep its widths. */
  withHeader(rows: readonly (readonly string[])[]): string {
    this.#fit(rows);
    return this.#format([this.#headers, ...rows]);
  }

  /** The whole table as a part of a text: two blanks before each line, no line feed behind the last. */
  indented(rows: readonly (readonly string[])[]): string {
    return this.withHeader(rows).trimEnd().replace(/^/gm, '  ');
  }

  /** More rows below what was printed. */
  more(rows: readonly (readonly string[])[]): string {
    return this.#format(rows);
  }

  #fit(rows: readonly (readonly string[])[]): void {
    this.#widths = this.#widths.map((width, column) =>
      Math.max(width, ...rows.map((row) => displayWidth(cell(row, column)))),
    );
  }

  #format(rows: readonly (readonly string[])[]): string {
    return rows.map((row) => `${this.#line(row)}\n`).join('');
  }

  #line(row: readonly string[]): string {
    return this.#widths
      .map((width, column) => {
        const text = cell(row, column);
        return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
      })
      .join(GAP)
      .trimEnd();
  }
}

function cell(row: readonly string[], column: number): string {
  return printableLine(row[column] ?? '');
}
