import type { Identity } from './recorded-event.ts';

/** Slots of one generation; it is full at half of them, when the older one is forgotten. */
const SLOTS = 1 << 22;
const HEADER = 4;
/** Positions in the header: which generation is the younger one (0 or 1), and how many each holds. */
const YOUNGER = 0;
const FILLED = 1;

/**
 * The events seen last, between 2 and 4 million of them, in 32 MiB that several threads can share: rotated sets overlap, and a webhook's
 * batch may be sent twice. An event is known by a hash of 54 bits, so that of 10 million one is mistaken for another in one run out
 * of some hundreds.
 */
export class SeenEvents {
  /** Given to other threads' constructors it makes one set of all. */
  readonly memory: SharedArrayBuffer;
  readonly #header: Int32Array;
  readonly #generations: readonly [Int32Array, Int32Array];

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer((HEADER + 2 * SLOTS) * 4)) {
    this.memory = memory;
    this.#header = new Int32Array(memory, 0, HEADER);
    const bytes = HEADER * 4;
    this.#generations = [
      new Int32Array(memory, bytes, SLOTS),
      new Int32Array(memory, bytes + SLOTS * 4, SLOTS),
    ];
  }

  /** Whether the event was not seen before; from now on it was. */
  add({ high, low }: Identity): boolean {
    const tag = low === 0 ? 1 : low;
    const younger = Atomics.load(this.#header, YOUNGER) === 0 ? 0 : 1;
    if (has(this.#generations[1 - younger] ?? this.#generations[0], high, tag)) return false;
    if (!insert(this.#generations[younger], high, tag)) return false;
    const filled = Atomics.add(this.#header, FILLED + younger, 1) + 1;
    // Only one thread sees this very number.
    if (filled === SLOTS / 2) this.#turn(younger);
    return true;
  }

  #turn(younger: 0 | 1): void {
    const older = younger === 0 ? 1 : 0;
    this.#generations[older].fill(0);
    Atomics.store(this.#header, FILLED + older, 0);
    Atomics.store(this.#header, YOUNGER, older);
  }
}

function has(table: Int32Array, hash: number, tag: number): boolean {
  for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const found = table[slot];
    if (found === tag) return true;
    if (found === 0) return false;
  }
}

function insert(table: Int32Array, hash: number, tag: number): boolean {
  for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const before = Atomics.compareExchange(table, slot, 0, tag);
    if (before === 0) return true;
    if (before === tag) return false;
  }
}
