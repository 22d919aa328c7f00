import { createHash } from 'node:crypto';
import { dig, isRecord } from '../../test/support/json.ts';
import type { KubeObject } from '../../test/support/kube-object.ts';

/** What the story looks at, by the name that the terminal shows. */
export type Kind = 'Policy' | 'Cluster' | 'ConfigMap' | 'HelmRelease' | 'Event';

/** One object before and after something happened to it; `before` absent: new, `after` absent: gone. */
export interface Change {
  readonly kind: Kind;
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/** A line of the story. */
export interface Line {
  readonly label: string;
  readonly name: string;
  readonly tone: 'good' | 'bad' | 'warning' | 'plain';
  readonly text: string;
  readonly detail?: string;
}

/** What a change means to somebody who follows the audit policies; undefined when nothing. */
export function narrate(change: Change): Line | undefined {
  switch (change.kind) {
    case 'Policy':
      return narratePolicy(change);
    case 'Cluster':
      return narrateCluster(change);
    case 'ConfigMap':
      return narrateConfigMap(change);
    case 'HelmRelease':
      return narrateHelmRelease(change);
    case 'Event':
      return narrateEvent(change);
  }
}

function narratePolicy({ before, after }: Change): Line | undefined {
  const [was, is] = [conditionOf(before, 'Ready'), conditionOf(after, 'Ready')];
  if (after === undefined || is === undefined || (was?.status === is.status && was.message === is.message))
    return undefined;
  const label = 'Policy';
  const { name } = after.metadata;
  if (is.status !== 'True') return { label, name, tone: 'bad', text: 'refused' };
  const rules = Number(dig(after, 'status', 'rules'));
  const text = `valid: ${rules} ${rules === 1 ? 'rule' : 'rules'}, hash ${String(dig(after, 'status', 'hash'))}`;
  return { label, name, tone: 'good', text };
}

function narrateCluster({ before, after }: Change): Line | undefined {
  const [was, is] = [auditCondition(before), auditCondition(after)];
  const label = 'Condition';
  if (after === undefined || (was === undefined && is === undefined)) return undefined;
  const { name } = after.metadata;
  if (is === undefined) return { label, name, tone: 'plain', text: 'removed' };
  if (was?.status === is.status && was.reason === is.reason && was.message === is.message) return undefined;
  return { label, name, tone: is.status === 'True' ? 'good' : 'bad', text: is.reason, detail: is.message };
}

function narrateConfigMap({ before, after }: Change): Line | undefined {
  const label = 'ConfigMap';
  const name = (after ?? before)?.metadata.name ?? '';
  if (after === undefined) return { label, name, tone: 'warning', text: 'deleted' };
  const hash = contentHash(after);
  if (before === undefined) return { label, name, tone: 'plain', text: `created: ${hash}` };
  if (contentHash(before) !== hash) {
    const writer = contentWriter(after);
    return writer === 'audit-policy-operator'
      ? { label, name, tone: 'plain', text: `written: ${hash}` }
      : { label, name, tone: 'bad', text: `changed by ${writer}: ${hash}` };
  }
  return !isReleased(before) && isReleased(after)
    ? { label, name, tone: 'plain', text: `stays for its retention: ${hash}` }
    : undefined;
}

function narrateHelmRelease({ before, after }: Change): Line | undefined {
  if (after === undefined) return undefined;
  const [was, is] = [valuesHash(before), valuesHash(after)];
  if (was === is) return undefined;
  const text = was === undefined || is === undefined ? (is ?? `${was ?? ''} → none`) : `${was} → ${is}`;
  return { label: 'HelmRelease', name: after.metadata.name, tone: 'plain', text: `values: ${text}` };
}

function narrateEvent({ before, after }: Change): Line | undefined {
  if (before !== undefined || after === undefined) return undefined;
  const { name, type, reason } = eventFacts(after);
  return { label: 'Event', name, tone: type === 'Warning' ? 'warning' : 'plain', text: reason };
}

export interface SeenCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A condition of an object, by its type. */
export function conditionOf(object: KubeObject | undefined, type: string): SeenCondition | undefined {
  const conditions = dig(object, 'status', 'conditions');
  if (!Array.isArray(conditions)) return undefined;
  const found: unknown = conditions.find((entry) => dig(entry, 'type') === type);
  return found === undefined
    ? undefined
    : {
        status: String(dig(found, 'status')),
        reason: String(dig(found, 'reason')),
        message: String(dig(found, 'message')),
      };
}

/** The one condition that the operator writes on a ClusterDeployment. */
export function auditCondition(deployment: KubeObject | undefined): SeenCondition | undefined {
  return conditionOf(deployment, 'ClusterAuditPolicyReady');
}

/** The short hash of what a ConfigMap holds now, whatever its annotations say. */
export function contentHash(configMap: KubeObject | undefined): string {
  return createHash('sha256')
    .update(configMap?.data?.policy ?? '')
    .digest('hex')
    .slice(0, 8);
}

/** Who wrote the policy in a ConfigMap: the owner of the field, as the API server keeps it. */
export function contentWriter(configMap: KubeObject): string {
  const owner = configMap.metadata.managedFields?.find(({ fieldsV1 }) =>
    isRecord(dig(fieldsV1, 'f:data', 'f:policy')),
  );
  return owner?.manager ?? 'nobody known';
}

/** The hash that the values of a HelmRelease name. */
export function valuesHash(release: KubeObject | undefined): string | undefined {
  const hash = dig(release, 'spec', 'values', 'audit', 'policyRef', 'hash');
  return typeof hash === 'string' ? hash : undefined;
}

export function isReleased(configMap: KubeObject | undefined): boolean {
  return configMap?.metadata.annotations?.['auditpolicy.dev/released-at'] !== undefined;
}

export interface EventFacts {
  /** Of the object that the Event is about. */
  readonly name: string;
  readonly type: string;
  readonly reason: string;
}

export function eventFacts(event: KubeObject): EventFacts {
  return {
    name: String(dig(event, 'involvedObject', 'name')),
    type: String(event.type),
    reason: String(event.reason),
  };
}
