import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PAGES = ['docs/security.md', 'docs/kind.md'];
const links = (text: string) => [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
const isLocal = (target: string) => !/^https?:/.test(target);

test.each(PAGES)('%s: every link leads somewhere', (page) => {
  const targets = links(readFileSync(page, 'utf8')).filter(isLocal);
  expect(targets.length).toBeGreaterThan(0);
  expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
});

test('each statement about security has its test', () => {
  const tables = readFileSync('docs/security.md', 'utf8')
    .split('\n\n')
    .filter((block) => /^\| statement\s+\| proof\s+\|/.test(block));
  expect(tables.length).toBeGreaterThanOrEqual(5);
  const rows = tables.flatMap((table) => table.trim().split('\n').slice(2));
  expect(rows.filter((row) => !links(row).some((target) => target.startsWith('../test/')))).toEqual([]);
});
