import type { IncomingMessage } from 'node:http';

/** What the API server itself takes at most for one request. */
export const LARGEST_BODY_BYTES = 3 * 1024 * 1024;

/** Counts the bytes that all requests under way hold, so that no number of callers can fill the memory. */
export class BodyBudget {
  readonly #most: number;
  #held = 0;

  /** @param most bytes, in all */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Reads a body whole; what it held is given back when `use` has ended.
   * @returns what `use` made of it, or why it was not read: the HTTP status to answer
   */
  async withBody<T>(
    request: Pick<IncomingMessage, 'headers' | 'iterator'>,
    use: (body: Buffer) => Promise<T>,
  ): Promise<T | 413 | 503> {
    if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY_BYTES) return 413;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      // The answer to a body that is too large goes over the same connection.
      const read = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of read) {
        bytes += chunk.length;
        this.#held += chunk.length;
        if (bytes > LARGEST_BODY_BYTES) return 413;
        if (this.#held > this.#most) return 503;
        chunks.push(chunk);
      }
      return await use(Buffer.concat(chunks));
    } finally {
      this.#held -= bytes;
    }
  }
}
