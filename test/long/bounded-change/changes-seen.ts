import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import type { KubeObject } from '../../support/api.ts';

interface Seen {
  generation: number;
  hash: string | undefined;
  settled: boolean;
}

/** Which HelmReleases of a fleet are changing, from every state of each that a watch has told, in its order. */
export class ChangesSeen {
  readonly #now = new Map<string, Seen>();
  #before = new Map<string, Seen>();
  #rolling = new Set<string>();
  readonly #changed = new Set<string>();
  /** The most that were changing at any one time since `begin`. */
  most = 0;

  /** From now on `most`, `changed` and `generationsEach` count anew. */
  begin(): void {
    this.#before = new Map(this.#now);
    this.#changed.clear();
    this.most = 0;
  }

  /** How many have had another generation since `begin`. */
  get changed(): number {
    return this.#changed.size;
  }

  note(release: KubeObject): void {
    const { name, generation, settled, policyRef } = readHelmRelease(release);
    const hash = policyRef?.hash;
    this.#now.set(name, { generation, hash, settled });
    if (generation !== this.#before.get(name)?.generation) this.#changed.add(name);
    if (hash !== undefined && !settled) this.#rolling.add(name);
    else this.#rolling.delete(name);
    this.most = Math.max(this.most, this.#rolling.size);
  }

  /** How many name this hash and are rolled out. */
  settledWith(hash: string): number {
    return [...this.#now.values()].filter((seen) => seen.settled && seen.hash === hash).length;
  }

  /** By how many generations HelmReleases have gone on since `begin`: the different numbers, ascending. */
  generationsEach(): number[] {
    const steps = [...this.#now].map(
      ([name, { generation }]) => generation - (this.#before.get(name)?.generation ?? 0),
    );
    return [...new Set(steps)].toSorted((a, b) => a - b);
  }
}
