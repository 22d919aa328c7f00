/** The bytes of a stream, which can be read again until they are told to be used up. */
export class KeptBytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  /** Not used up. */
  readonly #pieces: Buffer[] = [];
  /** How many of these were given out by the reading under way, and how many bytes before them are used up. */
  #given = 0;
  #used = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** The next bytes; fewer at the end. */
  async peek(bytes: number): Promise<Buffer> {
    while (this.#pieces.reduce((sum, { length }) => sum + length, 0) < bytes && (await this.#pull()));
    return Buffer.concat(this.#pieces).subarray(0, bytes);
  }

  /**
   * All bytes that are not used up, those given out before first.
   * @param used how many of what this reading gave are used up; asked before each piece
   * @param most bytes of a piece
   */
  async *read(used: () => number, most = Infinity): AsyncGenerator<Buffer> {
    this.#given = 0;
    this.#used = 0;
    for (;;) {
      this.#forget(used());
      if (this.#given === this.#pieces.length && !(await this.#pull())) return;
      const piece = this.#pieces[this.#given];
      if (piece === undefined) return;
      if (piece.length > most)
        this.#pieces.splice(this.#given, 1, piece.subarray(0, most), piece.subarray(most));
      this.#given++;
      yield piece.subarray(0, most);
    }
  }

  /** Ends a reading that used so many bytes of what it was given; the next begins behind them. */
  use(bytes: number): void {
    this.#forget(bytes);
    const [first] = this.#pieces;
    if (first !== undefined) this.#pieces[0] = first.subarray(bytes - this.#used);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #forget(bytes: number): void {
    for (let first = this.#pieces[0]; first !== undefined && this.#given > 0; first = this.#pieces[0]) {
      if (this.#used + first.length > bytes) return;
      this.#used += first.length;
      this.#given--;
      this.#pieces.shift();
    }
  }

  async #pull(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    const { buffer, byteOffset, byteLength } = next.value;
    this.#pieces.push(Buffer.from(buffer, byteOffset, byteLength));
    return true;
  }
}
