const lineFeed = 0x0a;

/**
 * Cuts a stream of bytes into lines of UTF-8 text, wherever the chunks begin and end. Each byte is looked at once and
 * copied at most once; a character that two chunks share is decoded whole.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #longestBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /**
   * @param onLine called with each line that is not empty, without its line feed
   * @param longestBytes a line beyond it is an attack or an accident
   */
  constructor(onLine: (line: string) => void, longestBytes = 64 * 2 ** 20) {
    this.#onLine = onLine;
    this.#longestBytes = longestBytes;
  }

  /** @throws RangeError when a line is too long; whatever `onLine` throws */
  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      if (end < 0) break;
      this.#keep(chunk.subarray(start, end));
      this.#emit();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** The end of the stream: what is left is a line too. */
  end(): void {
    this.#emit();
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > this.#longestBytes) {
      throw new RangeError(`a line is longer than ${this.#longestBytes} bytes`);
    }
    this.#pending.push(part);
  }

  #emit(): void {
    if (this.#pendingBytes === 0) return;
    const [first] = this.#pending;
    const isWhole = this.#pending.length === 1 && first !== undefined;
    const line = isWhole
      ? first.toString('utf8')
      : Buffer.concat(this.#pending, this.#pendingBytes).toString('utf8');
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onLine(line);
  }
}
