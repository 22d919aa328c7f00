import { problemText, type Problem } from '../policy/problem.ts';
import type { Input } from './inputs.ts';

/** Wide enough to recognise the line, narrow enough for a terminal. */
const MAX_SOURCE_COLUMNS = 100;

/** Problems as people and editors read them: `file:line:column: error: …`, then the source line and a caret. */
export function formatProblems(source: Input, problems: readonly Problem[]): string {
  const lines = source.text.split(/\r\n|\r|\n/);
  return problems.map((problem) => `${formatProblem(source.name, problem, lines)}\n`).join('');
}

function formatProblem(file: string, problem: Problem, lines: readonly string[]): string {
  const { severity, position } = problem;
  const message = printable(problemText(problem));
  if (position === undefined) return `${file}: ${severity}: ${message}`;
  const { line, column } = position;
  const head = `${file}:${line}:${column}: ${severity}: ${message}`;
  const text = [...printable(lines[line - 1] ?? '')];
  if (column > MAX_SOURCE_COLUMNS) return head;
  const gutter = String(line).length;
  const shown =
    text.length > MAX_SOURCE_COLUMNS ? `${text.slice(0, MAX_SOURCE_COLUMNS).join('')}…` : text.join('');
  return [head, ` ${line} | ${shown}`, ` ${' '.repeat(gutter)} | ${' '.repeat(column - 1)}^`].join('\n');
}

/** Source text goes to a terminal: what could move its cursor or turn its text around is shown as a dot. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·');
}
