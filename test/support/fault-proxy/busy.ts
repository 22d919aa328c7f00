import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** What is under way and will end by itself, without time having to pass. */
export class Busy {
  readonly #things = new Set<object>();

  get isBusy(): boolean {
    return this.#things.size > 0;
  }

  begin(thing: object): void {
    this.#things.add(thing);
  }

  end(thing: object): void {
    this.#things.delete(thing);
  }

  /** Handshakes are such things, too. */
  watchHandshakes(server: Server): void {
    let handshakes: Socket[] = [];
    server.on('connection', (socket: Socket) => {
      handshakes.push(socket);
      this.begin(socket);
      socket.on('close', () => this.end(socket));
    });
    server.on('secureConnection', () => {
      // Not told which one it was; handshakes end in about the order in which they began.
      const first = handshakes.find((socket) => this.#things.has(socket));
      handshakes = handshakes.filter((socket) => socket !== first);
      if (first) this.end(first);
    });
  }
}
