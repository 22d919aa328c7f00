import { Worker } from 'node:worker_threads';
import type { Io } from '../../../src/cli/io.ts';
import { readLogs } from '../../../src/cli/simulate/read-logs.ts';
import { CATCH_ALL, event, textOf } from '../simulate/events.ts';

const MIB = 1024 * 1024;

/** 48 MiB: enough for threads to be started. */
async function* log(): AsyncGenerator<Buffer> {
  const block = Buffer.from(textOf([event({ more: 'x'.repeat(MIB - 600) })]));
  for (let i = 0; i < 48; i++) {
    await Promise.resolve();
    yield block;
  }
}

function read(code: string) {
  const io: Io = {
    programName: 'test',
    stdin: log(),
    out: () => undefined,
    err: () => undefined,
    env: {},
    stopSignal: () => new AbortController().signal,
  };
  const files = [{ name: 'standard input', path: '-', bytes: 0 }];
  return readLogs(files, { policies: [CATCH_ALL] }, io, {
    threads: 2,
    startThread: () => new Worker(code, { eval: true }),
  });
}

test.each([
  ['throws', 'throw new Error("out of order")', 'out of order'],
  ['ends', 'process.exit(3)', 'a thread ended too early, with code 3'],
  [
    'ends at its last block',
    `const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (message) => {
      if (message === 'end') process.exit(0);
      parentPort.postMessage({ number: message.number, lines: 0 });
    });`,
    'a thread ended too early, with code 0',
  ],
])('a thread that %s ends the reading with an error, not in silence', async (_, code, message) => {
  // The error may be of the realm outside of this test.
  await expect(read(code)).rejects.toMatchObject({
    message: expect.stringContaining(message) as string,
  });
});
