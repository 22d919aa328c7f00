import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

export interface HttpRequest {
  method: string;
  /** Path with its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface HttpClient {
  /** Resolves with any status; rejects only when no answer comes. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

/** An HTTPS client for one server with kept-alive connections. */
export function httpClient(server: string, ca: string | undefined): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ...(ca === undefined ? {} : { ca }) });
  return {
    send: ({ method, path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
        const outgoing = request(
          new URL(path, server),
          { method, agent, headers: { ...headers, ...length }, signal: AbortSignal.timeout(TIMEOUT_MS) },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => {
              const text = Buffer.concat(chunks).toString('utf8');
              resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    close() {
      agent.destroy();
    },
  };
}
