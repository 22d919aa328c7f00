import { wholeName } from '../catalogue.ts';
import { maskOfBits, notNamed, unnamed } from './values.ts';

export interface Target {
  resource: string;
  /** "" for the resource itself. */
  subresource: string;
}

/**
 * Resource and subresource together, as far as the `resources` of a policy can tell pairs of them: two pairs that match the same
 * entries are one. Neither has a `/` in it, since kube-apiserver splits the path of a request there.
 */
export class Targets {
  readonly representatives: Target[] = [];
  readonly all: bigint;
  readonly #exact = new Set<string>();
  /** Entries `res/*`, by resource, and entries `*` + `/sub`, by subresource. */
  readonly #parents = new Map<string, string>();
  readonly #subresources = new Map<string, string>();
  readonly #bits = new Map<string, number>();
  readonly #masks = new Map<string, bigint>();

  constructor(entries: Iterable<string>) {
    for (const entry of entries) {
      this.#exact.add(entry);
      if (entry.endsWith('/*')) this.#parents.set(entry.slice(0, -2), entry);
      if (entry.startsWith('*/')) this.#subresources.set(entry.slice(2), entry);
    }
    const pairs = [...this.#exact].flatMap(asPair);
    const other = unnamed(new Set(pairs.map(({ resource }) => resource)), ['pods', 'services', 'widgets']);
    const otherSub = unnamed(new Set(pairs.map(({ subresource }) => subresource)), ['status', 'scale']);
    const bits = new Map<string, number[]>();
    for (const pair of pairs) this.#add(pair, bits);
    for (const resource of [other, ...this.#parents.keys()].filter(isPart)) {
      for (const subresource of ['', otherSub, ...this.#subresources.keys()].filter(isPart))
        this.#add({ resource, subresource }, bits);
    }
    for (const [entry, own] of bits) this.#masks.set(entry, maskOfBits(own));
    this.all = (1n << BigInt(this.representatives.length)) - 1n;
  }

  /** What a rule with these resources matches; none stand for any. */
  maskOf(entries: readonly string[] | undefined): bigint {
    if (entries === undefined || entries.length === 0 || entries.includes('*')) return this.all;
    return entries.reduce((mask, entry) => mask | this.#maskOf(entry), 0n);
  }

  /** An entry of three parts matches nothing. */
  #maskOf(entry: string): bigint {
    return this.#exact.has(entry) ? (this.#masks.get(entry) ?? 0n) : notNamed(entry);
  }

  bitOf(target: Target): bigint {
    return 1n << BigInt(this.#bits.get(JSON.stringify(this.#matched(target))) ?? 0);
  }

  /** @param bits by entry, those that it matches; added to */
  #add(target: Target, bits: Map<string, number[]>): void {
    const matched = this.#matched(target);
    const key = JSON.stringify(matched);
    if (this.#bits.has(key)) return;
    const bit = this.representatives.push(target) - 1;
    this.#bits.set(key, bit);
    for (const entry of matched) {
      const own = bits.get(entry);
      if (own === undefined) bits.set(entry, [bit]);
      else own.push(bit);
    }
  }

  /** The entries that match; the same in the words of `compileRule`. */
  #matched({ resource, subresource }: Target): string[] {
    const whole = wholeName({ resource, subresource });
    const matched = [this.#exact.has(whole) ? whole : undefined, this.#parents.get(resource)];
    if (subresource !== '') matched.push(this.#subresources.get(subresource));
    return [...new Set(matched.filter((entry) => entry !== undefined))].sort();
  }
}

/** `pods`, `pods/log`; what has more parts matches no request. */
function asPair(entry: string): Target[] {
  const [resource = '', subresource = '', ...more] = entry.split('/');
  return more.length === 0 ? [{ resource, subresource }] : [];
}

function isPart(text: string): boolean {
  return !text.includes('/');
}
