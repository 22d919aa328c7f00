import type { FrameSink } from '../../../../src/simulate/framing/frame-sink.ts';

/** What a framer found, by lines of the file from 1, whichever way it came. */
export class Collector implements FrameSink {
  readonly values: [line: number, text: string][] = [];
  readonly problems: [line: number, message: string][] = [];
  /** Lines of the file. */
  lineCount = 0;

  lines(block: Buffer): void {
    const lines = block.toString('latin1').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [index, line] of lines.entries())
      if (line.trim() !== '') this.values.push([this.lineCount + index + 1, line.trim()]);
    this.lineCount += lines.length;
  }

  skippedLine(message: string): void {
    this.problems.push([++this.lineCount, message]);
  }

  value(bytes: Buffer, line: number): void {
    this.values.push([line + 1, bytes.toString('latin1')]);
  }

  brokenAt(line: number, message: string): void {
    this.problems.push([line + 1, message]);
  }

  valueLines(lines: number): void {
    this.lineCount = lines;
  }
}

interface Framer {
  push(chunk: Buffer): void;
  end(): void;
}

/** @param sizes of the chunks, one after the other and again from the first; absent: one chunk */
export function frame(
  text: string,
  create: (sink: FrameSink) => Framer,
  sizes: readonly number[] = [],
): Collector {
  const collector = new Collector();
  const framer = create(collector);
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    // Whoever sends a chunk may use its memory again.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    framer.push(chunk);
    at += size;
  }
  framer.end();
  return collector;
}
