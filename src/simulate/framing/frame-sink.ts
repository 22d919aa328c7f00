/** Where the pieces of a log go that are to be read. */
export interface FrameSink {
  /** Some whole lines, each with a value of its own. */
  lines(block: Buffer): void;
  /** A line that was passed over, and why. */
  skippedLine(message: string): void;
  /** A value among others that may have several lines. @param line the first of it, from 0, in the file */
  value(bytes: Buffer, line: number): void;
  /** A stretch in which no value could be found. */
  brokenAt(line: number, message: string): void;
  /** How many lines the file has, told of a file whose pieces were values. */
  valueLines(lines: number): void;
}

/** A longer event does not come from an API server: etcd takes objects of 1.5 MiB, and a list has some thousands of them at most. */
export const MAX_EVENT_BYTES = 64 * 1024 * 1024;

export function tooLong(most: number): string {
  return most < 1024 * 1024 ? `it has more than ${most} bytes` : `it has more than ${most / 1024 / 1024} MiB`;
}
