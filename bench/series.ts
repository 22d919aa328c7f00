import { readFile, writeFile } from 'node:fs/promises';
import { hasCode } from '../test/control-plane/error-code.ts';
import { plotSvg } from './plot/plot.ts';
import type { BenchResult } from './result.ts';

/** Results of several sizes in one file, which grows with each run, so that a series cut short keeps what it has. */
export class SeriesFile {
  readonly #json: string;
  readonly #plot: string | undefined;

  /** @param plot file for the drawing of all results; none when undefined */
  constructor(json: string, plot: string | undefined) {
    this.#json = json;
    this.#plot = plot;
  }

  /** Puts a result in, in the place of an earlier one of its size, and draws anew. */
  async put(result: BenchResult): Promise<void> {
    const results = mergeResults(await this.#read(), result);
    await writeFile(this.#json, `${JSON.stringify(results, null, 1)}\n`);
    if (this.#plot !== undefined && results.length > 1) await writeFile(this.#plot, plotSvg(results));
  }

  async #read(): Promise<BenchResult[]> {
    try {
      return JSON.parse(await readFile(this.#json, 'utf8')) as BenchResult[];
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

/** By size, smallest first; the new one counts. */
export function mergeResults(before: readonly BenchResult[], result: BenchResult): BenchResult[] {
  const { clusters } = result.options;
  return [...before.filter(({ options }) => options.clusters !== clusters), result].sort(
    (a, b) => a.options.clusters - b.options.clusters,
  );
}
