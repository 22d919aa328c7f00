import { LIMITS } from './limits.ts';

/**
 * The lines of each rule in the text of its policy, without their common indentation and with the comments right above them.
 * A rule in one line with others, as in JSON, has that line. Long ones are cut.
 * @param starts line of each rule, from 1; undefined where it is not known
 */
export function ruleSources(text: string, starts: readonly (number | undefined)[]): string[][] {
  const all = text.split(/\r\n|\n|\r/);
  return starts.map((start, index) => {
    if (start === undefined) return [];
    const next = starts.slice(index + 1, index + 2)[0];
    const own = all.slice(start - 1, endOf(all, start, next));
    return cut(dedented([...commentsAbove(all, start), ...withoutTail(own)]));
  });
}

/** The line after the last of a rule, from 0. */
function endOf(all: readonly string[], start: number, next: number | undefined): number {
  if (next !== undefined) return Math.max(start, next - 1);
  const indent = indentOf(all[start - 1] ?? '');
  const after = all.findIndex((line, index) => index >= start && !isEmpty(line) && indentOf(line) <= indent);
  return after < 0 ? all.length : after;
}

function commentsAbove(all: readonly string[], start: number): string[] {
  let first = start - 1;
  while (first > 0 && isComment(all[first - 1] ?? '')) first -= 1;
  return all.slice(first, start - 1);
}

/** What stands below a rule belongs to the next one. */
function withoutTail(own: readonly string[]): readonly string[] {
  const last = own.findLastIndex((line, index) => index === 0 || (!isEmpty(line) && !isComment(line)));
  return own.slice(0, last + 1);
}

function dedented(own: readonly string[]): string[] {
  const indents = own.filter((line) => !isEmpty(line)).map(indentOf);
  const common = indents.reduce((least, indent) => Math.min(least, indent), Infinity);
  return own.map((line) => line.slice(Math.min(common, line.length)));
}

function cut(own: readonly string[]): string[] {
  const kept = own.slice(0, LIMITS.sourceLines).map((line) => line.slice(0, LIMITS.sourceColumns));
  const isCut = own.some((line) => line.length > LIMITS.sourceColumns);
  const left = own.length - kept.length;
  return [
    ...kept,
    ...(left > 0 ? [`… ${left} more lines`] : []),
    ...(isCut ? [`… lines are cut after ${LIMITS.sourceColumns} characters`] : []),
  ];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function isEmpty(line: string): boolean {
  return line.trim() === '';
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}
