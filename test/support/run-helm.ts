import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureTools } from '../tools/build.ts';

const run = promisify(execFile);

/**
 * Runs the real Helm and answers what it prints; rejects with its words. Nothing of this user's own Helm counts.
 * @param kubeconfig path; none for commands that need no cluster
 */
export async function runHelm(args: readonly string[], kubeconfig = '/dev/null'): Promise<string> {
  const { helm } = await ensureTools();
  const home = await mkdtemp(join(tmpdir(), 'audit-policy-helm-'));
  try {
    const { stdout } = await run(helm, args, { env: { HOME: home, KUBECONFIG: kubeconfig } });
    return stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
