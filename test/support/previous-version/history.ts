import type { Api } from '../api.ts';
import { eventually } from '../eventually.ts';
import { fleet, METADATA_RULES, REQUEST_RULES } from '../fleet.ts';
import { fluxStandIn } from '../flux-stand-in.ts';
import { isSettled } from '../flux-status.ts';
import { asArray, dig } from '../json.ts';
import { auditPolicies, clusterDeployments, configMaps, helmReleases } from '../kinds.ts';

/** With these options of `manager` the history plays as it is told here. */
export const HISTORY_OPTIONS = ['--max-concurrent-changes', '1', '--configmap-retention', '24h'] as const;

/** What the clusters are called whose turn is a matter of chance. */
export const QUEUED = { rolls: 'queued-rolls', waits: 'queued-waits' } as const;

const TYPO = [{ level: 'None', user: ['bob'] }, { level: 'Metadata' }];
const CLUSTERS = ['steady', 'edited', 'refused', 'orphan', 'cleared', 'contested', 'held'];

/** Two clusters whose policy is edited: `rolls` has the edit in its values, Flux is at it, and `waits` waits for its place. */
export interface History {
  rolls: string;
  waits: string;
}

/**
 * Lets an operator that watches the namespace bring clusters into every state that leaves something behind: delivered, edited, with a policy
 * that is refused, deleted or held back, cleared, contested by a rival, and in the middle of an edit.
 */
export async function playHistory(api: Api, namespace: string): Promise<History> {
  const f = fleet(api, namespace);
  const flux = fluxStandIn(api);
  const until = async (cluster: string, reason: string | undefined, hash?: string): Promise<void> =>
    await eventually(
      async () => {
        const { status } = await api.get(clusterDeployments(namespace, cluster));
        const release = await f.release(cluster);
        const found = asArray(status?.conditions ?? [], 'conditions')[0];
        if (dig(found, 'reason') !== reason) throw new Error(`${cluster}: not ${String(reason)} yet`);
        if (hash !== undefined && dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash') !== hash)
          throw new Error(`${cluster}: not ${hash} yet`);
        if (!isSettled(release)) throw new Error(`${cluster}: not settled yet`);
      },
      { timeoutMs: 60_000 },
    );
  const queued = ['queued-1', 'queued-2'];
  let standIn = flux.run({ namespace, intervalMs: 50 });
  for (const name of [...CLUSTERS, 'queued']) await f.createPolicy(name, METADATA_RULES);
  for (const name of [...CLUSTERS, ...queued]) {
    await f.createRelease(name, { controlPlaneNumber: 3 });
    await f.createDeployment(name, { auditPolicy: name.startsWith('queued') ? 'queued' : name });
  }
  for (const name of [...CLUSTERS, ...queued]) await until(name, 'Succeeded', 'da099788');

  await f.editPolicy('edited', REQUEST_RULES);
  await until('edited', 'Succeeded', '61d03756');
  await f.editPolicy('refused', TYPO);
  await until('refused', 'PolicyRefused');
  await api.delete(auditPolicies(namespace, 'orphan'));
  await until('orphan', 'PolicyNotFound');
  await f.setReference('cleared', null);
  await until('cleared', undefined);
  await api.mergePatch(helmReleases(namespace, 'contested'), { spec: { values: { audit: null } } });
  await until('contested', 'Succeeded', 'da099788');
  await eventually(async () => {
    const { metadata } = await api.get(configMaps(namespace, 'contested-audit-policy'));
    if (!metadata.annotations?.['auditpolicy.dev/reverted']) throw new Error('not counted yet');
  });
  await api.mergePatch(auditPolicies(namespace, 'held'), {
    metadata: { annotations: { 'auditpolicy.dev/propagation': 'Hold' } },
    spec: { policy: { rules: REQUEST_RULES } },
  });
  await until('held', 'ChangeHeld');

  await standIn.stop();
  standIn = flux.run({ namespace, intervalMs: 50, skip: ({ metadata }) => queued.includes(metadata.name) });
  await f.editPolicy('queued', REQUEST_RULES);
  const waits = await eventually(
    async () => {
      const all = await Promise.all(queued.map((name) => f.deployment(name)));
      const reasons = all.map((found) => dig(found, 'status', 'conditions', 0, 'reason'));
      const messages = all.map((found) => String(dig(found, 'status', 'conditions', 0, 'message')));
      const index = reasons.indexOf('ChangeQueued');
      if (index === -1 || !messages[1 - index]?.includes('61d03756')) throw new Error('not queued yet');
      return queued[index] ?? '';
    },
    { timeoutMs: 60_000 },
  );
  await standIn.stop();
  return { waits, rolls: queued.find((name) => name !== waits) ?? '' };
}
