/** Finds words of a fixed list in bytes without making strings of them. Length, first, third and last byte tell them apart; the rest is compared. */
export class KnownWords<Word extends string> {
  readonly words: readonly Word[];
  readonly #byShape: ReadonlyMap<number, { index: number; bytes: Buffer }>;

  /** @throws Error for two words of one shape */
  constructor(words: readonly Word[]) {
    this.words = words;
    this.#byShape = new Map(
      words.map((word, index) => {
        const bytes = Buffer.from(word);
        return [shape(bytes, 0, bytes.length), { index, bytes }];
      }),
    );
    if (this.#byShape.size !== words.length) throw new Error('two words of one shape');
  }

  /** Index of the word that stands there, -1 for another. */
  at(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#byShape.get(shape(bytes, start, end));
    if (known?.bytes.length !== end - start) return -1;
    for (let i = 1; i < known.bytes.length - 1; i++) if (bytes[start + i] !== known.bytes[i]) return -1;
    return known.index;
  }
}

function shape(bytes: Uint8Array, start: number, end: number): number {
  return (
    ((end - start) << 24) |
    ((bytes[start] ?? 0) << 16) |
    ((bytes[start + 2] ?? 0) << 8) |
    (bytes[end - 1] ?? 0)
  );
}
