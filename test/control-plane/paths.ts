import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The repository's root folder. */
export const REPO_ROOT = resolve(import.meta.dirname, '..', '..');

/** The folder with the Go mains and the checked-in module files. */
export const GO_DIR = join(import.meta.dirname, 'go');

/** Kubernetes version when none is asked for; its module files are checked in. */
export const DEFAULT_VERSION = 'v1.36.3';

/**
 * Folder for what is built or fetched once: `$XDG_CACHE_HOME/audit-policy-operator`, or the like under ~/.cache.
 * A relative XDG_CACHE_HOME is ignored, as the XDG base directory specification asks.
 */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env.XDG_CACHE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'audit-policy-operator');
}
