import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Several times what the requests under way hold, so that what they leave behind dies young. */
export const YOUNG_GENERATION_BYTES = 16 * 2 ** 20;

// What has become old is looked through when it has grown by a quarter, not when it has grown fourfold.
const oldGenerationGrowthPercent = 25;

/**
 * Has V8 keep the heap small, for a process that allocates much, keeps little and runs for long. On a large machine V8 lets
 * the young generation grow to 128 MiB, all of it resident, because that saves some collections. Its own limit
 * (`--max-semi-space-size`) counts only on the command line, which is not ours to choose; these two flags count at once.
 */
export function keepHeapLean(): void {
  setFlagsFromString(`--heap-growing-percent=${oldGenerationGrowthPercent}`);
  let growth = 2;
  new PerformanceObserver(() => {
    // It shrinks while the process is idle, and may then grow again.
    const wanted = youngGenerationBytes() < YOUNG_GENERATION_BYTES ? 2 : 1;
    if (wanted === growth) return;
    growth = wanted;
    setFlagsFromString(`--semi-space-growth-factor=${growth}`);
  }).observe({ entryTypes: ['gc'] });
}

/** The size of V8's young generation, used or not. */
export function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
