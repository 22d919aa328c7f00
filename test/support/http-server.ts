import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it came. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** A server on loopback that answers as a test says. */
export interface TestServer {
  readonly url: URL;
  readonly received: Received[];
  /** Connections opened so far. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Another certificate for connections to come. */
  setCertificate(options: ServerOptions): void;
  /** Ends all connections as a crash would. */
  dropConnections(): void;
  close(): Promise<void>;
}

/** What a test server answers; it may also destroy the socket, or do nothing. */
export type Handler = (request: Received, response: ServerResponse) => void;

/** Starts a server; with `tls` it speaks HTTPS. */
export async function startServer(handler: Handler, tls?: ServerOptions): Promise<TestServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('error', () => undefined);
    message.on('end', () => {
      const request = {
        method: message.method ?? '',
        url: message.url ?? '',
        headers: message.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        socket: message.socket,
      };
      received.push(request);
      handler(request, response);
    });
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`),
    received,
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    setCertificate(options) {
      if ('setSecureContext' in server) server.setSecureContext(options);
    },
    dropConnections,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      dropConnections();
      await closed;
    },
  };
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers as an API server refuses. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, code, { kind: 'Status', code, reason, message: `this is ${reason}` }, headers);
}
