import { displayWidth } from './terminal.ts';

/** Rows of cells as lines, each column as wide as its widest cell; nothing behind the last. */
export function columns(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, displayWidth(cell))));
  return rows
    .map((row) => `${indent}${row.map((cell, i) => pad(cell, widths[i] ?? 0)).join('  ')}`.trimEnd() + '\n')
    .join('');
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - displayWidth(cell)));
}
