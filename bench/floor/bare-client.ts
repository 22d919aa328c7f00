import { Agent, request } from 'node:https';

/** Where the API server is and how to log in. */
export interface Connection {
  /** `https://127.0.0.1:PORT` */
  server: string;
  /** PEM */
  ca: string;
  token: string;
}

/** A request whose body is serialised already. */
export interface BareRequest {
  method: string;
  /** With its query. */
  path: string;
  contentType: string;
  body: string;
}

/** Sends requests and reads nothing of the answers but whether they are good. */
export interface BareClient {
  /** @throws Error with the server's words on any answer of 300 and above, and when none comes */
  send(request: BareRequest): Promise<void>;
  close(): void;
}

/** The thinnest client that Node.js allows: kept-alive TLS connections, bodies sent as they are, answers drained. */
export function bareClient({ server, ca, token }: Connection, connections: number): BareClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
  const { hostname, port } = new URL(server);
  const send = ({ method, path, contentType, body }: BareRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
      };
      const outgoing = request({ hostname, port, path, method, agent, headers }, (response) => {
        const { statusCode = 0 } = response;
        response.on('error', reject);
        if (statusCode < 300) {
          response.on('end', resolve);
          response.resume();
          return;
        }
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          reject(new Error(`${method} ${path}: ${statusCode} ${text}`));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { send, close: () => agent.destroy() };
}
