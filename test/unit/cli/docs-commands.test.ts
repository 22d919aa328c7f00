import { readFileSync } from 'node:fs';
import { shellWords } from '../../../src/policy/request/shell-words.ts';
import { run } from './run.ts';

/** What the documents show of commands is what the commands print. */
const PAGES = ['docs/explain.md', 'docs/policy-tests.md', 'docs/diff.md'];

const shown = PAGES.flatMap((page) =>
  [
    ...readFileSync(page, 'utf8').matchAll(/```console\n\$ npx audit-policy-operator ([^\n]+)\n(.*?)```/gs),
  ].map(([, line = '', output = '']) => ({ page, line, output })),
);

test('every page shows something', () => {
  expect([...new Set(shown.map(({ page }) => page))]).toEqual(PAGES);
});

test.each(shown)('$page: $line', async ({ line, output }) => {
  const { out, err } = await run(shellWords(line));
  expect(out + err).toBe(output);
});
