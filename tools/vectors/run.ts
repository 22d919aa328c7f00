import { compareVector, isSame, object, type Vector } from './check.ts';
import { kindOfFile, readLines, type FileKind } from './read.ts';

/** One vector that our code does not answer as upstream's did, or that could not be asked at all. */
export interface Failure {
  /** The vector's id, or `file:line`. */
  id: string;
  note?: string;
  expected?: unknown;
  actual?: unknown;
  /** Instead of the two: why the line could not be compared. */
  error?: string;
}

export interface Outcome {
  passed: number;
  failures: Failure[];
}

/** Runs the vectors of one file. Throws when it cannot be read; a file of unknown kind is one failure. */
export function runFile(path: string): Outcome {
  const lines = readLines(path);
  const kind = kindOfFile(path);
  if (kind === undefined) {
    const error = 'the first word of the file name is not render, validate or evaluate';
    return { passed: 0, failures: [{ id: path, error }] };
  }
  const failures = lines
    .map((line, i) => runLine(kind, line, `${path}:${i + 1}`))
    .filter((failure) => failure !== undefined);
  return { passed: lines.length - failures.length, failures };
}

function runLine(kind: FileKind, line: string, place: string): Failure | undefined {
  const name: { id: string; note?: string } = { id: place };
  try {
    const fields = object(JSON.parse(line));
    if (typeof fields.id === 'string') name.id = fields.id;
    if (typeof fields.note === 'string') name.note = fields.note;
    const vector: Vector = { ...fields, expect: object(fields.expect) };
    const comparison = compareVector(kind, vector);
    return isSame(comparison) ? undefined : { ...name, ...comparison };
  } catch (error) {
    return { ...name, error: error instanceof Error ? error.message : String(error) };
  }
}
