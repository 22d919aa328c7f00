import { createHash } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createAuthority } from '../certificates.ts';

export interface KubeletStandIn {
  port: number;
  close(): Promise<void>;
}

/** RFC 6455, 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPEN_MS = 50;

/**
 * As much of a kubelet as the API server needs to answer `exec`, `attach`, `log` and the proxies: WebSockets are taken and closed a moment later,
 * and to anything else it says `ok`.
 */
export async function startKubelet(): Promise<KubeletStandIn> {
  const sockets = new Set<Socket>();
  const server = createServer(createAuthority('kubelets').issue('kubelet', ['127.0.0.1']), (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'] ?? '';
    const protocol = (request.headers['sec-websocket-protocol'] ?? '').split(',')[0]?.trim() ?? '';
    const accept = createHash('sha1').update(`${key}${WEBSOCKET_GUID}`).digest('base64');
    socket.on('error', () => undefined);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
        `Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    setTimeout(() => socket.destroy(), OPEN_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
