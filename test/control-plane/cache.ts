import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './error-code.ts';

const HEARTBEAT_MS = 2_000;
const STALE_MS = 20_000;
const POLL_MS = 300;
const ABANDONED_MS = 60 * 60_000;

/**
 * Returns `target`, a folder that `fill` has filled exactly once on this machine.
 *
 * `fill` gets an empty folder beside the target; when it resolves, the folder is renamed to the target, so that a
 * half-filled target is never seen. Other processes that want the same target wait meanwhile. Rejects with `fill`'s
 * error, leaving nothing behind.
 */
export async function fillOnce(
  target: string,
  fill: (dir: string) => Promise<void>,
  onWait: () => void = () => undefined,
): Promise<string> {
  if (existsSync(target)) return target;
  await mkdir(dirname(target), { recursive: true });
  const release = await lock(`${target}.lock`, () => existsSync(target), onWait);
  try {
    if (existsSync(target)) return target;
    const prefix = `.${basename(target)}-`;
    await removeAbandoned(dirname(target), prefix);
    const dir = await mkdtemp(join(dirname(target), prefix));
    try {
      await fill(dir);
      await rename(dir, target);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
    }
    return target;
  } finally {
    await release();
  }
}

/**
 * Takes a lock file, or returns early when `done` turns true. The owner touches the file; one that is not touched any
 * more belongs to a dead process and is removed. Two waiters may both remove a dead lock and both go on: that costs a
 * second build, never a wrong one, since the rename into place is atomic.
 */
async function lock(path: string, done: () => boolean, onWait: () => void): Promise<() => Promise<void>> {
  let told = false;
  while (!done()) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(`${String(process.pid)}\n`);
      await file.close();
      const timer = setInterval(() => {
        const now = new Date();
        utimes(path, now, now).catch(() => undefined);
      }, HEARTBEAT_MS);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await rm(path, { force: true });
      };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (await isOlderThan(path, STALE_MS)) {
      const aside = `${path}.${randomUUID()}`;
      await rename(path, aside).catch(() => undefined);
      await rm(aside, { force: true });
      continue;
    }
    if (!told) onWait();
    told = true;
    await sleep(POLL_MS);
  }
  return () => Promise.resolve();
}

/** Folders of fills that were killed. */
async function removeAbandoned(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && (await isOlderThan(join(parent, name), ABANDONED_MS))) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

async function isOlderThan(path: string, ms: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ms;
  } catch {
    return false;
  }
}
