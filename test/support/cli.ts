import { run, type Ended, type RunOptions } from '../unit/cli/run.ts';
import { asRecord } from './json.ts';
import { readKubeconfig } from './kubeconfig.ts';

/**
 * Runs a command of the program against a server, and holds it to what holds for all of them: no bug, and never a word of the
 * token that it logs in with.
 */
export async function runOn(
  kubeconfig: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const { token } = await readKubeconfig(kubeconfig);
  const ended = await run([...args, '--kubeconfig', kubeconfig], options);
  expect(ended.err).not.toContain('unexpected error');
  expect(ended.out + ended.err).not.toContain(token);
  return ended;
}

/** What a command printed with `-o json`. */
export function parsed({ out }: Ended): Record<string, unknown> {
  return asRecord(JSON.parse(out), 'output');
}

/** The cells of a table, by header; the last column is whatever is left of the line. */
export function rowsOf(table: string): Record<string, string>[] {
  const [head = '', ...lines] = table.split('\n\n')[0]?.split('\n').filter(Boolean) ?? [];
  const starts = [...head.matchAll(/(?:^| {3})(\S+(?: \S+)*)/g)].map((found) => ({
    header: found[1] ?? '',
    at: found.index === 0 ? 0 : found.index + 3,
  }));
  return lines.map((line) =>
    Object.fromEntries(
      starts.map(({ header, at }, index) => [header, line.slice(at, starts[index + 1]?.at).trim()]),
    ),
  );
}
