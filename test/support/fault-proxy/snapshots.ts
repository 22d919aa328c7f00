import type { ServerResponse } from 'node:http';
import { dig } from '../json.ts';
import type { Snapshot } from './faults.ts';
import { collectionOf, type ProxiedRequest } from './request.ts';
import type { Forwarded, UpstreamServer } from './upstream.ts';
import { endsInitialEvents, readEvent } from './watch-relay.ts';

/** Reads collections as a client did before, with the client's own credentials. */
export class SnapshotTaker {
  readonly #upstream: UpstreamServer;
  readonly #watchLists = new Map<string, Forwarded>();

  constructor(upstream: UpstreamServer) {
    this.#upstream = upstream;
  }

  /** Remembers how a collection was read. */
  note(request: ProxiedRequest, forwarded: Forwarded): void {
    this.#watchLists.set(collectionOf(request), forwarded);
  }

  /** Everything that was read so far, as it is now; what the server does not serve is left out. */
  async take(): Promise<Snapshot> {
    const collections = new Map<string, readonly string[]>();
    for (const [collection, forwarded] of this.#watchLists) {
      const lines = await this.#read(forwarded);
      if (lines !== undefined) collections.set(collection, lines);
    }
    return collections;
  }

  async #read(forwarded: Forwarded): Promise<string[] | undefined> {
    const { answer, abandon } = await this.#upstream.send(forwarded);
    try {
      if (answer.statusCode !== 200) return undefined;
      const lines: string[] = [];
      let rest = '';
      answer.setEncoding('utf8');
      for await (const chunk of answer) {
        const parts = (rest + String(chunk)).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) {
          lines.push(line);
          if (endsInitialEvents(line)) return lines;
        }
      }
      return undefined;
    } finally {
      abandon();
    }
  }
}

/**
 * Answers a list or WatchList as it would have been answered when the snapshot was taken; the stream stays open and silent.
 * @returns false when the request is no list, or the snapshot does not have its collection
 */
export function answerFromSnapshot(
  request: ProxiedRequest,
  snapshot: Snapshot,
  response: ServerResponse,
): boolean {
  const lines = snapshot.get(collectionOf(request));
  if (lines === undefined || !(request.isList || request.isWatchList)) return false;
  request.status = 200;
  response.writeHead(200, { 'content-type': 'application/json' });
  if (request.isWatchList) {
    response.write(`${lines.join('\n')}\n`);
    return true;
  }
  const objects = lines.map((line) => readEvent(line).object);
  const bookmark = objects.pop();
  const metadata = { resourceVersion: dig(bookmark, 'metadata', 'resourceVersion') };
  response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata, items: objects }));
  return true;
}
