import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Returns TCP ports that are free on 127.0.0.1 at this moment, all different. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, so that no port is given twice.
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
