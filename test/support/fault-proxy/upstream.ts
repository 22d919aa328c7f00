import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as send } from 'node:https';

/** A request as it is sent on. */
export interface Forwarded {
  readonly method: string;
  /** Path with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer without its body. */
export interface Upstream {
  readonly answer: IncomingMessage;
  /** Ends the exchange from this side. */
  readonly abandon: () => void;
}

/** The real server, over kept-alive connections. */
export class UpstreamServer {
  readonly #server: URL;
  readonly #agent: Agent;

  /** @param ca PEM */
  constructor(server: string, ca: string) {
    this.#server = new URL(server);
    this.#agent = new Agent({ keepAlive: true, ca });
  }

  /** Resolves when the head of the answer has come; rejects when there is no connection, or it breaks. */
  send({ body, headers, method, url }: Forwarded): Promise<Upstream> {
    return new Promise((resolve, reject) => {
      const passed = withoutHeaders(headers, 'connection', 'host');
      const { hostname, port } = this.#server;
      const options = { agent: this.#agent, hostname, port, method, path: url, headers: passed };
      const outgoing = send(options, (answer) => resolve({ answer, abandon: () => outgoing.destroy() }));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** The whole body; rejects when the connection breaks before its end. */
export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Headers that concern one connection only are not passed on. */
export function withoutHeaders(headers: IncomingHttpHeaders, ...names: string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
