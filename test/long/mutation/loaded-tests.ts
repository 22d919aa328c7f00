import { getState } from 'jest-circus';

/** A test as jest-circus has registered it, with the hooks around it, outermost first. */
export interface LoadedTest {
  /** The names of its describe blocks and its own; with a number where a name comes again. */
  id: string;
  before: readonly (() => unknown)[];
  body: () => unknown;
  after: readonly (() => unknown)[];
}

type Block = ReturnType<typeof getState>['rootDescribeBlock'];

/**
 * The tests that the files loaded since the last reset have registered, in their order.
 * @param failures of files that could not be loaded; each becomes a test that fails
 */
export function collectTests(failures: readonly string[]): LoadedTest[] {
  const tests: LoadedTest[] = failures.map((failure) => ({
    id: failure,
    before: [],
    after: [],
    body: () => {
      throw new Error(failure);
    },
  }));
  const seen = new Map<string, number>();
  const walk = (block: Block, path: string[], before: LoadedTest['before'], after: LoadedTest['after']) => {
    const around = {
      before: [...before, ...hooks(block, 'beforeEach')],
      after: [...hooks(block, 'afterEach'), ...after],
    };
    for (const child of block.children) {
      const names = [...path, child.name];
      if (child.type === 'describeBlock') {
        walk(child, names, around.before, around.after);
        continue;
      }
      const name = names.join(' › ');
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      const id = times === 1 ? name : `${name} (${times})`;
      tests.push({ id, ...around, body: bodyOf(child.fn) });
    }
  };
  walk(getState().rootDescribeBlock, [], [], []);
  return tests;
}

/** Runs one test. @returns why it failed */
export async function failureOf({ before, body, after }: LoadedTest): Promise<string | undefined> {
  try {
    for (const hook of before) await hook();
    try {
      await body();
    } finally {
      for (const hook of after) await hook();
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function hooks(block: Block, type: 'beforeEach' | 'afterEach'): (() => unknown)[] {
  if (block.hooks.some((hook) => hook.type === 'beforeAll' || hook.type === 'afterAll'))
    throw new Error(`${block.name}: beforeAll and afterAll are not supported here`);
  return block.hooks.filter((hook) => hook.type === type).map(({ fn }) => bodyOf(fn));
}

/** Tests that wait for a callback are not supported: they take an argument. */
function bodyOf(fn: unknown): () => unknown {
  if (typeof fn !== 'function') throw new TypeError('a test without a body');
  return () => fn.call(undefined) as unknown;
}
