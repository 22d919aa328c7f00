/**
 * A string of a request as far as a policy can tell it: each string that the policy names is a value of its own, and all others
 * are one more. Sets of values are bit masks, so that intersection and complement are one operation.
 */
export class Values {
  /** One representative per bit; the first stands for everything that is not named. */
  readonly representatives: readonly string[];
  readonly all: bigint;
  readonly #bits = new Map<string, number>();

  /** `likely`: what the representative of the rest is taken from, as far as it is not named itself. */
  constructor(named: Iterable<string>, likely: readonly string[]) {
    const names = [...new Set(named)];
    for (const [index, name] of names.entries()) this.#bits.set(name, index + 1);
    this.representatives = [unnamed(this.#bits, likely), ...names];
    this.all = (1n << BigInt(this.representatives.length)) - 1n;
  }

  /** The mask of strings that are all named; no strings stand for any. */
  maskOf(texts: readonly string[] | undefined): bigint {
    if (texts === undefined || texts.length === 0) return this.all;
    return texts.reduce((mask, text) => mask | (1n << BigInt(this.#bits.get(text) ?? notNamed(text))), 0n);
  }

  bitOf(text: string): bigint {
    return 1n << BigInt(this.#bits.get(text) ?? 0);
  }
}

/** A bug: a pattern that the universe was not made for would get a wrong answer. */
export function notNamed(text: string): never {
  throw new Error(`the request space was not made for a pattern with ${JSON.stringify(text)}`);
}

/** The first likely text that is not named, or a made-up one. */
export function unnamed(named: { has(text: string): boolean }, likely: readonly string[]): string {
  const found = likely.find((text) => !named.has(text));
  if (found !== undefined) return found;
  let count = 1;
  while (named.has(`other-${count}`)) count++;
  return `other-${count}`;
}

/** Items by bit, those whose bit is set in a mask, lowest first. */
export function* chosen<T>(items: readonly T[], mask: bigint): Generator<T> {
  for (const [index, item] of items.entries()) if (((mask >> BigInt(index)) & 1n) === 1n) yield item;
}

/** So few bits are set one by one. */
const FEW = 16;

/** The mask with these bits, each named once. Many are not set one by one: a long mask would be copied for each. */
export function maskOfBits(bits: readonly number[]): bigint {
  if (bits.length <= FEW) return bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
  const highest = bits.reduce((most, bit) => Math.max(most, bit), 0);
  const digits = new Uint8Array((highest >> 2) + 1);
  for (const bit of bits) digits[bit >> 2] = (digits[bit >> 2] ?? 0) | (1 << (bit & 3));
  return BigInt(`0x${Array.from(digits.reverse(), (digit) => digit.toString(16)).join('')}`);
}
