import { Agent, request, type RequestOptions } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';

export interface Answer {
  status: number;
  text: string;
}

export interface Sent {
  method: string;
  /** As it goes over the wire; nothing is encoded or cleaned on the way. */
  path: string;
  headers: Record<string, string>;
  body?: string;
  /** Hang up once the first line of the answer is there, as who has seen enough of a watch. */
  hangsUp?: boolean;
}

const TIMEOUT_MS = 20_000;

/** Sends requests as they are written, one connection for each, so that none waits for another or is sent again. */
export class Connection {
  readonly #agent: Agent;
  readonly #target: { host: string; port: string };

  constructor(server: string, ca: string) {
    const { hostname, port } = new URL(server);
    this.#target = { host: hostname, port };
    this.#agent = new Agent({ ca, keepAlive: false });
  }

  /** Any status is an answer; of an upgraded connection it is 101, once the other side has closed it. */
  async send(sent: Sent): Promise<Answer> {
    const { method, path, headers, body, hangsUp = false } = sent;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options: RequestOptions = {
      ...this.#target,
      method,
      path,
      agent: this.#agent,
      headers: { ...headers, ...length },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    return await new Promise((resolve, reject) => {
      const outgoing = request(options);
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        read(response, outgoing, hangsUp).then(resolve, reject);
      });
      outgoing.on('upgrade', (response, socket) => {
        socket.on('error', () => undefined);
        socket.on('close', () => {
          resolve({ status: response.statusCode ?? 0, text: '' });
        });
        socket.resume();
      });
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function read(response: IncomingMessage, outgoing: ClientRequest, hangsUp: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const done = (): void => {
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!hangsUp || !chunk.includes('\n')) return;
      done();
      outgoing.destroy();
    });
    response.on('error', (error) => {
      if (!hangsUp) reject(error);
    });
    response.on('end', done);
  });
}
