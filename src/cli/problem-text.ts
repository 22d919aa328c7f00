import { problemText, type Position, type Problem } from '../policy/problem.ts';
import type { Input } from './inputs.ts';
import { displayWidth, printable, printableLine } from './terminal.ts';

/** Wide enough to recognise the line, narrow enough for a terminal. */
const EXCERPT_COLUMNS = 100;
/** Of a longer line, so much is shown before the place in question. */
const LEAD_CHARACTERS = 50;
const TAB = '    ';
const LINE_BREAK = /\r\n|\r|\n/;
/** More of them in one file come from one mistake, or from an enemy. */
const MAX_SHOWN = 100;

/** Problems as people and editors read them: `file:line:column: error: …`, then the source line and a caret. */
export function formatProblems(source: Input, problems: readonly Problem[]): string {
  const lines = linesOf(source);
  const shown = problems
    .slice(0, MAX_SHOWN)
    .map((problem) => formatProblem(source.name, problem, lines, `${problem.severity}: `));
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`${source.name}: and ${more} more`] : [])]
    .map((text) => `${text}\n`)
    .join('');
}

/** The same of one problem, for a message that says itself that it is an error. */
export function formatUsageProblem(source: Input, problem: Problem): string {
  return formatProblem(source.name, problem, linesOf(source), '');
}

function formatProblem(file: string, problem: Problem, lines: readonly string[], severity: string): string {
  return formatPlace(file, problem.position, lines, `${severity}${printableLine(problemText(problem))}`);
}

/** The lines of a text as places in it are counted. */
export function linesOf({ text }: Input): string[] {
  return text.split(LINE_BREAK);
}

/** `file:line:column: what`, then the source line and a caret; without a position `file: what`. */
export function formatPlace(
  file: string,
  position: Position | undefined,
  lines: readonly string[],
  what: string,
): string {
  if (position === undefined) return `${file}: ${what}`;
  const { line, column } = position;
  const { text, caretAt } = excerpt(lines[line - 1] ?? '', column);
  const gutter = ' '.repeat(String(line).length);
  return [
    `${file}:${line}:${column}: ${what}`,
    ` ${line} | ${text}`,
    ` ${gutter} | ${' '.repeat(caretAt)}^`,
  ].join('\n');
}

/**
 * The part of a source line around a column (from 1, in code points) as a terminal may show it, and how many terminal
 * columns stand before that place.
 */
function excerpt(line: string, column: number): { text: string; caretAt: number } {
  const characters = Array.from(line);
  const place = Math.min(column - 1, characters.length);
  const isLong = characters.length > EXCERPT_COLUMNS;
  const start = isLong ? Math.max(0, place - LEAD_CHARACTERS) : 0;
  const end = start + EXCERPT_COLUMNS;
  const before = (start > 0 ? '…' : '') + visible(characters.slice(start, place));
  const after = visible(characters.slice(place, end)) + (characters.length > end ? '…' : '');
  return { text: before + after, caretAt: displayWidth(before) };
}

function visible(characters: readonly string[]): string {
  return printable(characters.join('').replaceAll('\t', TAB));
}
