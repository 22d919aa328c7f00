import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { stringAt } from '../../api/json.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const CHUNK_BYTES = 1024 * 1024;

/** Compressed data that is damaged, or ends too early. What came before it has been read. */
export class BrokenCompression extends Error {
  override readonly name = 'BrokenCompression';
}

/**
 * The bytes of a log, whether it is compressed or not: that shows in its first bytes, whatever it is called.
 * @throws BrokenCompression
 */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(source);
  const format = startsWith(head, GZIP) ? 'gzip' : startsWith(head, ZSTD) ? 'zstd' : undefined;
  if (format === undefined) {
    yield* rest;
    return;
  }
  const options = { chunkSize: CHUNK_BYTES };
  const inflate = format === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  const input = Readable.from(rest, { objectMode: false });
  input.on('error', (error) => inflate.destroy(error));
  try {
    for await (const chunk of input.pipe(inflate)) yield chunk as Buffer;
  } catch (error) {
    const code = stringAt(error, 'code') ?? '';
    if (!/^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(code)) throw error;
    throw new BrokenCompression(
      code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong'
        ? `its ${format} data ends too early`
        : `its ${format} data is damaged`,
    );
  } finally {
    input.destroy();
  }
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}

async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  const chunks = source[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < ZSTD.length) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* rest(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    } finally {
      await chunks.return?.();
    }
  }
  return { head, rest: rest() };
}
