import type { MessagePort, Worker } from 'node:worker_threads';
import { SeenEvents } from '../../simulate/duplicates.ts';
import { Simulator, type SimulationPlan } from '../../simulate/simulator.ts';
import type { Tally } from '../../simulate/tally.ts';

/** What a thread is started with. */
export interface ThreadTask {
  kind: 'simulate';
  plan: SimulationPlan;
  /** Shared by all. */
  seen: SharedArrayBuffer;
}

/** A block to read, or the end. */
type Request = { number: number; bytes: ArrayBuffer; length: number } | 'end';
/** How many lines the block had, or at the end what was counted. */
type Answer = { number: number; lines: number } | { tally: Tally };

/** Blocks that wait in a thread besides the one it reads. */
const AHEAD = 2;

/** Smaller buffers may share their memory with others (Buffer.poolSize). */
const LEAST_OWN_BYTES = 64 * 1024;

/** The memory of a block, to be given away. */
function memoryOf(block: Buffer): ArrayBuffer {
  const isOwn = block.byteOffset === 0 && block.length >= LEAST_OWN_BYTES;
  return (isOwn ? block.buffer : Uint8Array.from(block).buffer) as ArrayBuffer;
}

/** The work of a thread: reads blocks as they come. */
export function serveThread(port: MessagePort, { plan, seen }: ThreadTask): void {
  const simulator = new Simulator(plan, new SeenEvents(seen));
  port.on('message', (request: Request) => {
    if (request === 'end') {
      port.postMessage({ tally: simulator.tally } satisfies Answer);
      port.close();
      return;
    }
    const { number, bytes, length } = request;
    const lines = simulator.readLines(Buffer.from(bytes, 0, length), number);
    port.postMessage({ number, lines } satisfies Answer);
  });
}

/** A thread, seen from the one that reads the files. */
export class Thread {
  readonly #worker: Worker;
  readonly #onLines: (block: number, lines: number) => void;
  #waiting = 0;
  #failure: Error | undefined;
  #tally: Tally | undefined;
  #wake: () => void = () => undefined;

  constructor(worker: Worker, onLines: (block: number, lines: number) => void) {
    this.#worker = worker;
    this.#onLines = onLines;
    worker.on('message', (answer: Answer) => this.#hear(answer));
    worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#wake();
    });
    worker.on('exit', (code) => {
      if (this.#tally === undefined)
        this.#failure ??= new Error(`a thread ended too early, with code ${code}`);
      this.#wake();
    });
  }

  get load(): number {
    return this.#waiting;
  }

  get isFull(): boolean {
    return this.#waiting > AHEAD;
  }

  /** Called when the thread has something to tell. */
  onChange(wake: () => void): void {
    this.#wake = wake;
  }

  /** @throws what went wrong in the thread */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  read(block: Buffer, number: number): void {
    this.#waiting++;
    const bytes = memoryOf(block);
    this.#worker.postMessage({ number, bytes, length: block.length } satisfies Request, [bytes]);
  }

  end(): void {
    this.#worker.postMessage('end' satisfies Request);
  }

  get tally(): Tally | undefined {
    return this.#tally;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(answer: Answer): void {
    if ('tally' in answer) this.#tally = answer.tally;
    else {
      this.#waiting--;
      this.#onLines(answer.number, answer.lines);
    }
    this.#wake();
  }
}
