import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { asRecord, asString, dig } from '../../test/support/json.ts';
import type { Connection } from '../floor/bare-client.ts';

export interface WatchEvent {
  type: string;
  /** The object as the API server sent it. */
  object: unknown;
}

export interface Watch {
  /** Rejects when the watch breaks; never resolves before close(). */
  readonly failed: Promise<never>;
  close(): void;
}

/**
 * Watches a collection from now on, over a connection of its own. Resolves when the API server has begun to answer.
 * A watch that breaks is an error: a measurement must not hide a gap.
 */
export async function watchCollection(
  { server, ca, token }: Connection,
  path: string,
  onEvent: (event: WatchEvent) => void,
): Promise<Watch> {
  const agent = new Agent({ ca });
  const get = (query: string): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
      request(new URL(`${path}?${query}`, server), { agent, headers }, resolve)
        .on('error', reject)
        .end();
    });
  const list: unknown = JSON.parse(await text(await get('limit=1')));
  const version = asString(dig(list, 'metadata', 'resourceVersion'), `resourceVersion of ${path}`);
  const stream = await get(`watch=true&timeoutSeconds=86400&resourceVersion=${version}`);
  if (stream.statusCode !== 200) throw new Error(`watch of ${path}: ${await text(stream)}`);
  let isClosed = false;
  const failed = new Promise<never>((_, reject) => {
    const fail = (error: Error): void => {
      if (!isClosed) reject(error);
    };
    stream.on('error', fail);
    stream.on('end', () => {
      fail(new Error(`the watch of ${path} ended`));
    });
    readLines(stream, (line) => {
      try {
        onEvent(parseEvent(line));
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
  // It is awaited only while something is measured.
  failed.catch(() => undefined);
  return {
    failed,
    close() {
      isClosed = true;
      stream.destroy();
      agent.destroy();
    },
  };
}

function parseEvent(line: string): WatchEvent {
  const event = asRecord(JSON.parse(line), 'watch event');
  const type = asString(event.type, 'type of a watch event');
  if (type === 'ERROR') throw new Error(`watch: ${JSON.stringify(event.object)}`);
  return { type, object: event.object };
}

function readLines(stream: IncomingMessage, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
