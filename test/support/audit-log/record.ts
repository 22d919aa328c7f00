import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane } from '../../control-plane/start.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import { renderPolicy } from '../../../src/policy/render.ts';
import { apiFromKubeconfig } from '../api.ts';
import { dig } from '../json.ts';
import { Day, isOfStep } from './day.ts';
import { startKubelet } from './kubelet.ts';
import { USERS } from './users.ts';
import { work } from './work.ts';
import { prepareWorld } from './world.ts';

/** What a kube-apiserver wrote while the day's work was done. */
export interface RecordedDay {
  /** Events of the day's steps, a line each, without the line feed. */
  lines: readonly string[];
  /** By step, what it is for, and the status of the answer. */
  steps: ReadonlyMap<string, { title: string; status: number }>;
  /** What the API server said on its own log about events that it could not write. */
  unwritten: number;
}

/**
 * Does the day's work against a kube-apiserver of its own that audits by this policy. What else goes on there is left out: preparation, and
 * what the API server asks of itself (`system:apiserver`), which is not the same from one run to the next.
 */
export async function recordDay(policy: AuditPolicy): Promise<RecordedDay> {
  const rendered = renderPolicy(policy);
  if (!rendered.ok) throw new Error(rendered.error);
  const folder = await mkdtemp(join(tmpdir(), 'audit-log-'));
  const auditPolicyFile = join(folder, 'policy.yaml');
  await writeFile(auditPolicyFile, rendered.yaml);
  const kubelet = await startKubelet();
  const controlPlane = await startControlPlane({
    auditPolicyFile,
    users: Object.values(USERS),
    extraArgs: ['--audit-log-mode=blocking-strict'],
  });
  try {
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    const day = new Day(controlPlane.url, api.ca);
    const cleanUp = await prepareWorld(api, kubelet);
    await work(day, api);
    day.close();
    api.close();
    await cleanUp();
    // It ends when the last events of connections that were cut are written.
    await controlPlane.stopApiserver();
    const log = await readFile(controlPlane.logs.audit, 'utf8');
    const said = await readFile(controlPlane.logs.apiserver, 'utf8');
    return {
      lines: log.split('\n').filter((line) => line !== '' && isOfStep(dig(JSON.parse(line), 'userAgent'))),
      steps: day.steps,
      unwritten: said.split('\n').filter((line) => line.includes('Error in audit plugin')).length,
    };
  } finally {
    await controlPlane.stop();
    await kubelet.close();
    await rm(folder, { recursive: true, force: true });
  }
}
