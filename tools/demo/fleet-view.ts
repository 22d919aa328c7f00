import { asRecord, dig } from '../../test/support/json.ts';
import type { Journal } from './journal.ts';
import { auditCondition, eventFacts, valuesHash } from './narrate.ts';

/** What the journal says of a cluster, in the words of the story. */

/** The hash that the values of its HelmRelease name. */
export function inPlace(journal: Journal, cluster: string): string | undefined {
  return valuesHash(journal.get('HelmRelease', cluster));
}

/** The generation of its HelmRelease: changes with every write of the spec. */
export function generation(journal: Journal, cluster: string): number | undefined {
  return journal.get('HelmRelease', cluster)?.metadata.generation;
}

/** Changes with every write of the ConfigMap and of the HelmRelease's spec. */
export function trace(journal: Journal, cluster: string): string {
  const configMap = journal.get('ConfigMap', `${cluster}-audit-policy`);
  return `${configMap?.metadata.resourceVersion ?? ''} ${generation(journal, cluster) ?? ''}`;
}

/** Whether the operator has neither written nor said anything about it. */
export function isUntouched(journal: Journal, cluster: string): boolean {
  return (
    auditCondition(journal.get('Cluster', cluster)) === undefined &&
    journal.get('ConfigMap', `${cluster}-audit-policy`) === undefined &&
    journal.list('Event').every((event) => eventFacts(event).name !== cluster)
  );
}

/** The keys under `audit` that are not the operator's. */
export function userValues(journal: Journal, cluster: string): string {
  const audit = asRecord(
    dig(journal.get('HelmRelease', cluster), 'spec', 'values', 'audit') ?? {},
    'values.audit',
  );
  return Object.entries(audit)
    .filter(([key]) => key !== 'policyRef')
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ');
}

/** Its condition and the hash in its values, for an error message. */
export function summary(journal: Journal, cluster: string): string {
  const condition = auditCondition(journal.get('Cluster', cluster));
  const said = condition ? `${condition.status} ${condition.reason}: ${condition.message}` : 'no condition';
  return `${said} (hash in the values: ${inPlace(journal, cluster) ?? 'none'})`;
}

/** Whether a cluster names the policy. */
export function isNamed(journal: Journal, policy: string): boolean {
  return journal.list('Cluster').some(({ spec }) => spec?.auditPolicy === policy);
}

/** The fleet as it is now, a row a cluster. */
export function fleetTable(journal: Journal): { header: string[]; rows: string[][] } {
  const rows = journal.list('Cluster').map((cluster) => {
    const { name } = cluster.metadata;
    const policy = dig(cluster, 'spec', 'auditPolicy');
    const condition = auditCondition(cluster);
    return [
      name,
      typeof policy === 'string' ? policy : '-',
      condition?.status ?? '-',
      condition?.reason ?? '-',
      valuesHash(journal.get('HelmRelease', name)) ?? '-',
    ];
  });
  return { header: ['CLUSTER', 'POLICY', 'AUDIT READY', 'REASON', 'HASH IN THE VALUES'], rows };
}
