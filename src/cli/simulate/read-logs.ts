import { createReadStream } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { SeenEvents } from '../../simulate/duplicates.ts';
import type { FrameSink } from '../../simulate/framing/frame-sink.ts';
import { LogFramer } from '../../simulate/framing/log-framer.ts';
import { mergeTally } from '../../simulate/merge.ts';
import type { Place } from '../../simulate/result.ts';
import { Simulator, type SimulationPlan } from '../../simulate/simulator.ts';
import type { BlockPlace, Tally } from '../../simulate/tally.ts';
import { stringAt } from '../../api/json.ts';
import { whyNot } from '../files.ts';
import { UsageError, type Io } from '../io.ts';
import { BrokenCompression, decompressed } from './decompress.ts';
import type { LogFile } from './log-files.ts';
import { Thread, type ThreadTask } from './thread.ts';

export interface ReadOptions {
  /** At most so many threads besides this one; 0 for none. */
  threads: number;
  startThread?: (task: ThreadTask) => Worker;
  /** Told as the reading goes on: bytes of the files as they lie on the disk. */
  onProgress?: (bytes: number) => void;
}

/** What was counted, and where its blocks stand. */
export interface ReadLogs {
  tally: Tally;
  /** Of all files, decompressed. */
  bytes: number;
  placeOf(place: BlockPlace): Place;
}

/** Before so many blocks have come it is not worth to start threads. */
const ALONE = 8;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Reads logs one after the other and counts what the plan's policies make of them.
 * @throws UsageError naming a file that cannot be read
 */
export async function readLogs(
  files: readonly LogFile[],
  plan: SimulationPlan,
  io: Io,
  options: ReadOptions,
): Promise<ReadLogs> {
  const reading = new Reading(plan, options);
  try {
    let done = 0;
    for (const file of files) {
      reading.begin(file.name);
      await readFile(file, reading, io, (bytes) => options.onProgress?.((done += bytes)));
    }
    const tally = await reading.finish();
    return { tally, bytes: reading.bytes, placeOf: (place) => reading.placeOf(place) };
  } finally {
    await reading.stop();
  }
}

async function readFile(
  { name, path }: LogFile,
  reading: Reading,
  io: Io,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const framer = new LogFramer(reading);
  const source = path === '-' ? io.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  try {
    for await (const chunk of decompressed(counted(source, onBytes))) {
      reading.bytes += chunk.length;
      framer.push(chunk);
      await reading.hasRoom();
    }
    framer.end();
  } catch (error) {
    if (error instanceof BrokenCompression) {
      framer.end();
      reading.broken(`${error.message}: it was read up to about there`);
    } else if (stringAt(error, 'syscall') !== undefined) throw new UsageError(`${name}: ${whyNot(error)}.`);
    else throw error;
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    yield chunk;
    onBytes(chunk.length);
  }
}

/** Where a block stands: in which file, and how many lines it has. */
interface BlockEntry {
  file: number;
  lines: number;
}

/** Gives what the framer finds to whoever has time to read it. */
class Reading implements FrameSink {
  bytes = 0;
  readonly #plan: SimulationPlan;
  readonly #options: ReadOptions;
  readonly #seen = new SeenEvents();
  readonly #own: Simulator;
  readonly #names: string[] = [];
  readonly #blocks: BlockEntry[] = [];
  #threads: Thread[] = [];
  /** The block of the values of the file under way; they are told by their lines in the file. */
  #valueBlock: number | undefined;

  constructor(plan: SimulationPlan, options: ReadOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#own = new Simulator(plan, this.#seen);
  }

  begin(name: string): void {
    this.#names.push(name);
    this.#valueBlock = undefined;
  }

  lines(block: Buffer): void {
    const number = this.#add(0);
    if (number >= ALONE && this.#threads.length === 0) this.#startThreads();
    const thread = this.#threads.toSorted((a, b) => a.load - b.load)[0];
    if (thread !== undefined) thread.read(block, number);
    else this.#setLines(number, this.#own.readLines(block, number));
  }

  skippedLine(message: string): void {
    this.#own.report({ block: this.#add(1), line: 0 }, message);
  }

  value(bytes: Buffer, line: number): void {
    this.#own.readValue(bytes, 0, bytes.length, { block: this.#ofValues(), line });
  }

  brokenAt(line: number, message: string): void {
    this.#own.report({ block: this.#ofValues(), line }, message);
  }

  valueLines(lines: number): void {
    this.#setLines(this.#ofValues(), lines);
  }

  /** The file under way breaks off. */
  broken(message: string): void {
    this.#own.report({ block: this.#add(0), line: 0 }, message);
  }

  /** Resolves when some thread can take another block. */
  async hasRoom(): Promise<void> {
    await this.#until((threads) => threads.length === 0 || threads.some(({ isFull }) => !isFull));
  }

  async finish(): Promise<Tally> {
    for (const thread of this.#threads) thread.end();
    await this.#until((threads) => threads.every(({ tally }) => tally !== undefined));
    for (const { tally } of this.#threads) if (tally !== undefined) mergeTally(this.#own.tally, tally);
    return this.#own.tally;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  placeOf({ block, line }: BlockPlace): Place {
    const { file = 0 } = this.#blocks[block] ?? {};
    const before = this.#blocks
      .slice(0, block)
      .reduce((lines, one) => lines + (one.file === file ? one.lines : 0), 0);
    return { file: this.#names[file] ?? '', line: before + line + 1 };
  }

  #add(lines: number): number {
    return this.#blocks.push({ file: this.#names.length - 1, lines }) - 1;
  }

  #ofValues(): number {
    return (this.#valueBlock ??= this.#add(0));
  }

  #setLines(block: number, lines: number): void {
    const entry = this.#blocks[block];
    if (entry !== undefined) entry.lines = lines;
  }

  #startThreads(): void {
    const { threads, startThread } = this.#options;
    if (startThread === undefined) return;
    const task: ThreadTask = { kind: 'simulate', plan: this.#plan, seen: this.#seen.memory };
    this.#threads = Array.from(
      { length: threads },
      () => new Thread(startThread(task), (block, lines) => this.#setLines(block, lines)),
    );
  }

  async #until(holds: (threads: readonly Thread[]) => boolean): Promise<void> {
    for (;;) {
      for (const thread of this.#threads) thread.check();
      if (holds(this.#threads)) return;
      await new Promise<void>((resolve) => {
        for (const thread of this.#threads) thread.onChange(resolve);
      });
    }
  }
}
