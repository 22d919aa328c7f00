import { NEWLINE } from '../json-characters.ts';
import { MAX_EVENT_BYTES, tooLong, type FrameSink } from './frame-sink.ts';

/** Large enough that handing one over costs nothing beside reading it. */
const BLOCK_BYTES = 2 * 1024 * 1024;

/** Cuts a stream of bytes into blocks of whole lines. Holds one block and one line at most. */
export class LineBlocks {
  readonly #sink: FrameSink;
  readonly #maxLine: number;
  #parts: Buffer[] = [];
  #size = 0;
  /** How much of it are whole lines. */
  #whole = 0;
  /** Within a line that is too long, until it ends. */
  #isSkipping = false;

  constructor(sink: FrameSink, maxLine = MAX_EVENT_BYTES) {
    this.#sink = sink;
    this.#maxLine = maxLine;
  }

  push(chunk: Buffer): void {
    // Of a piece that is no longer than a line may be, only the first line can be too long, by what came before it.
    for (let from = 0; from < chunk.length; from += this.#maxLine)
      this.#pushPiece(chunk.subarray(from, from + this.#maxLine));
  }

  #pushPiece(piece: Buffer): void {
    let rest = piece;
    if (this.#isSkipping) {
      const newline = rest.indexOf(NEWLINE);
      if (newline < 0) return;
      this.#isSkipping = false;
      rest = rest.subarray(newline + 1);
    }
    const first = rest.indexOf(NEWLINE);
    if (this.#size - this.#whole + (first < 0 ? rest.length : first) > this.#maxLine) {
      this.#skip();
      this.#pushPiece(rest);
      return;
    }
    const last = rest.lastIndexOf(NEWLINE);
    if (last >= 0) this.#whole = this.#size + last + 1;
    this.#parts.push(rest);
    this.#size += rest.length;
    if (this.#whole >= BLOCK_BYTES) this.#flush();
  }

  /** The line under way is passed over, and what came of it forgotten. */
  #skip(): void {
    if (this.#whole > 0) this.#sink.lines(Buffer.concat(this.#parts, this.#whole));
    this.#sink.skippedLine(tooLong(this.#maxLine));
    this.#parts = [];
    this.#size = 0;
    this.#whole = 0;
    this.#isSkipping = true;
  }

  /** The last line may lack its line feed. */
  end(): void {
    this.#whole = this.#size;
    this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#parts);
    const whole = this.#whole;
    // Whoever gets the block may give its memory away.
    this.#parts = [Buffer.from(bytes.subarray(whole))];
    this.#size -= whole;
    this.#whole = 0;
    if (whole > 0) this.#sink.lines(bytes.subarray(0, whole));
  }
}
