import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askOracle } from './ask.ts';

/**
 * Writes the table in src/policy/go-printable.ts anew from what the installed Go says. Go's Unicode version moves with
 * its releases, and not with that of Node.js.
 */
const FILE = join(import.meta.dirname, '..', '..', 'src', 'policy', 'go-printable.ts');

const [ranges] = await askOracle([{ kind: 'printable' }]);
if (!Array.isArray(ranges)) throw new Error('the oracle gave no ranges');
let end = 0;
const numbers: string[] = [];
for (const range of ranges as [number, number][]) {
  numbers.push((range[0] - end).toString(36), (range[1] + 1 - range[0]).toString(36));
  end = range[1] + 1;
}
const lines: string[] = [];
for (const number of numbers) {
  const line = lines.at(-1);
  if (line === undefined || line.length + number.length > 95) lines.push(number);
  else lines[lines.length - 1] = `${line} ${number}`;
}
const table = lines.map((line) => `  '${line}',\n`).join('');
const source = await readFile(FILE, 'utf8');
await writeFile(
  FILE,
  source.replace(/(?<=\/\/ table begins\n)[^]*(?=\/\/ table ends)/, `const TABLE = [\n${table}];\n`),
);
