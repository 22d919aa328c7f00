import { notNamed } from './values.ts';

/**
 * The path of a request to a URL, as far as the `nonResourceURLs` of a policy can tell paths: each path that is named, and below each
 * prefix all that is not.
 */
export class Paths {
  readonly representatives: string[] = [];
  readonly all: bigint;
  readonly #exact: ReadonlySet<string>;
  /** Longest first. */
  readonly #prefixes: readonly string[];
  readonly #bits = new Map<string, number>();
  readonly #exactMasks = new Map<string, bigint>();
  readonly #prefixMasks = new Map<string, bigint>();

  constructor(specs: Iterable<string>) {
    const all = [...new Set(specs)];
    const prefixes = new Set(all.filter(isPrefix).map(prefixOf));
    this.#exact = new Set(all.filter((spec) => !isPrefix(spec)));
    this.#prefixes = [...prefixes].sort((a, b) => b.length - a.length);
    this.#add(this.#below(''));
    for (const path of [...this.#exact, ...prefixes]) this.#add(path);
    for (const prefix of prefixes) this.#add(this.#below(prefix));
    this.all = (1n << BigInt(this.representatives.length)) - 1n;
  }

  /** What a rule with these URLs matches; none stand for any. */
  maskOf(specs: readonly string[] | undefined): bigint {
    if (specs === undefined || specs.length === 0) return this.all;
    return specs.reduce((mask, spec) => {
      const own = isPrefix(spec) ? this.#prefixMasks.get(prefixOf(spec)) : this.#exactMasks.get(spec);
      return mask | (own ?? notNamed(spec));
    }, 0n);
  }

  bitOf(path: string): bigint {
    return 1n << BigInt(this.#bits.get(this.#keyOf(path)) ?? 0);
  }

  #add(path: string): void {
    const key = this.#keyOf(path);
    if (this.#bits.has(key)) return;
    const number = this.representatives.push(path) - 1;
    const bit = 1n << BigInt(number);
    this.#bits.set(key, number);
    if (this.#exact.has(path)) this.#exactMasks.set(path, bit);
    for (const prefix of this.#prefixes.filter((one) => path.startsWith(one)))
      this.#prefixMasks.set(prefix, (this.#prefixMasks.get(prefix) ?? 0n) | bit);
  }

  /** The longest prefix of a path decides about all the others. */
  #keyOf(path: string): string {
    return JSON.stringify([this.#exact.has(path) ? path : null, this.#prefixAt(path) ?? null]);
  }

  #prefixAt(path: string): string | undefined {
    return this.#prefixes.find((prefix) => path.startsWith(prefix));
  }

  /** A path below a prefix that is neither named nor below a longer one. */
  #below(prefix: string): string {
    const longest = this.#prefixAt(prefix);
    const likely =
      prefix === '' ? ['/version', '/metrics', '/healthz', '/other'] : ['/a', '/other', '-other'];
    const found = likely
      .map((rest) => prefix + rest)
      .find((path) => !this.#exact.has(path) && this.#prefixAt(path) === longest);
    if (found !== undefined) return found;
    const named = [...this.#exact, ...this.#prefixes].filter((text) => text.startsWith(prefix));
    const taken = new Set(named.map((text) => text.charAt(prefix.length)));
    let code = 'a'.charCodeAt(0);
    while (taken.has(String.fromCharCode(code))) code++;
    return prefix + String.fromCharCode(code);
  }
}

function isPrefix(spec: string): boolean {
  return spec.endsWith('*');
}

/** What a URL that ends with `*` is a prefix of: any number of them, as the evaluator reads it. */
export function prefixOf(spec: string): string {
  return spec.replace(/(?<!\*)\*+$/, '');
}
