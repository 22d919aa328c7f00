/** Breaks a text between words so that no line is longer than `width`, unless a single word is. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** The width of each column of a table: that of its longest cell. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return widths;
}

/** Seconds with as many digits as say something: `0.04 s`, `3.12 s`, `62 s`. */
export function seconds(ms: number): string {
  const value = ms / 1000;
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}
