/** What must be so before this process counts as ready, under the name that `/readyz` tells. */
export class Readiness {
  readonly #checks = new Map<string, () => boolean>();

  add(name: string, isReady: () => boolean): void {
    this.#checks.set(name, isReady);
  }

  /** The names of what is not ready; of a process that has not even begun, its start. */
  missing(): string[] {
    if (this.#checks.size === 0) return ['start'];
    return [...this.#checks].filter(([, isReady]) => !isReady()).map(([name]) => name);
  }
}
