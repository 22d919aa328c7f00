import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillOnce } from '../../control-plane/cache.ts';
import { cacheRoot } from '../../control-plane/paths.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fill-once-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

test('fills once for many callers, and leaves no lock', async () => {
  const target = join(dir, 'deep', 'target');
  let fills = 0;
  const fill = async (into: string): Promise<void> => {
    fills += 1;
    await writeFile(join(into, 'file'), 'a');
    expect(existsSync(target)).toBe(false);
    await sleep(50);
    await writeFile(join(into, 'file'), 'ab');
  };
  await Promise.all([fillOnce(target, fill), fillOnce(target, fill), fillOnce(target, fill)]);
  expect(fills).toBe(1);
  expect(await readFile(join(target, 'file'), 'utf8')).toBe('ab');
  expect(await readdir(join(dir, 'deep'))).toEqual(['target']);
});

test('a failed fill leaves nothing behind, and the next caller fills', async () => {
  const target = join(dir, 'target');
  await expect(
    fillOnce(target, async (into) => {
      await writeFile(join(into, 'file'), 'half');
      throw new Error('no disk');
    }),
  ).rejects.toThrow('no disk');
  expect(await readdir(dir)).toEqual([]);
  await fillOnce(target, (into) => writeFile(join(into, 'file'), 'whole'));
  expect(await readFile(join(target, 'file'), 'utf8')).toBe('whole');
});

test('the lock and the folder of a dead process do not block', async () => {
  const target = join(dir, 'target');
  const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
  await writeFile(`${target}.lock`, '1\n');
  await mkdir(join(dir, '.target-old'));
  await utimes(`${target}.lock`, longAgo, longAgo);
  await utimes(join(dir, '.target-old'), longAgo, longAgo);
  await fillOnce(target, (into) => writeFile(join(into, 'file'), ''));
  expect(await readdir(dir)).toEqual(['target']);
});

test('a living lock is waited for', async () => {
  const target = join(dir, 'target');
  await writeFile(`${target}.lock`, '1\n');
  let waited = false;
  const filled = fillOnce(
    target,
    () => Promise.reject(new Error('must not fill')),
    () => {
      waited = true;
    },
  );
  await sleep(50);
  await mkdir(target);
  await filled;
  expect(waited).toBe(true);
});

test('the cache is in XDG_CACHE_HOME when that is an absolute path', () => {
  expect(cacheRoot({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/audit-policy-operator');
  expect(cacheRoot({ XDG_CACHE_HOME: 'relative' })).toBe(cacheRoot({}));
  expect(cacheRoot({})).toMatch(/\/\.cache\/audit-policy-operator$/);
});
