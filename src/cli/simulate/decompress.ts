import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { stringAt } from '../../api/json.ts';
import { KeptBytes } from './kept-bytes.ts';

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const CHUNK_BYTES = 1024 * 1024;
/** Compressed. Of a piece with damage in it nothing is read. */
const PIECE_BYTES = 64 * 1024;

/** Compressed data that is damaged, or ends too early. What came before it has been read, up to some lines. */
export class BrokenCompression extends Error {
  override readonly name = 'BrokenCompression';
}

/**
 * The bytes of a log, whether it is compressed or not: that shows in its first bytes, whatever it is called.
 * @throws BrokenCompression
 */
export async function* decompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const input = new KeptBytes(source);
  try {
    const head = await input.peek(ZSTD.length);
    if (startsWith(head, ZSTD)) {
      // A frame by itself each: Node.js stops behind the first.
      do yield* inflated('zstd', input);
      while ((await input.peek(1)).length > 0);
    } else if (startsWith(head, GZIP)) yield* inflated('gzip', input);
    else yield* input.read(() => Infinity);
  } finally {
    await input.close();
  }
}

async function* inflated(format: 'gzip' | 'zstd', input: KeptBytes): AsyncGenerator<Buffer> {
  // Each piece is worked off before the next is asked for: with an error, what else the engine has is lost.
  const options = { chunkSize: CHUNK_BYTES, writableHighWaterMark: 1 };
  const engine = format === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  // Of pieces that reach it behind the end of the data.
  engine.on('error', () => undefined);
  const pieces = Readable.from(
    input.read(() => engine.bytesWritten, PIECE_BYTES),
    { objectMode: false, highWaterMark: 1 },
  );
  pieces.on('error', (error) => engine.destroy(error));
  try {
    for await (const chunk of pieces.pipe(engine)) yield chunk as Buffer;
  } catch (error) {
    const code = stringAt(error, 'code') ?? '';
    if (!/^(Z_|ZSTD_|ERR_ZLIB|ERR_ZSTD)/.test(code)) throw error;
    throw new BrokenCompression(
      code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong'
        ? `its ${format} data ends too early`
        : `its ${format} data is damaged`,
    );
  } finally {
    pieces.unpipe(engine);
    engine.destroy();
    await closed(pieces);
  }
  input.use(engine.bytesWritten);
}

/** Destroys it; resolves when nothing is read for it any more. */
async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return;
  const isClosed = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.destroy();
  await isClosed;
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic);
}
