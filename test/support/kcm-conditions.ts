import type { KubeObject } from './api.ts';

/** A condition as KCM keeps it. */
export interface KcmCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number | undefined;
}

/** As apimachinery's SetStatusCondition: whatever stood there of this type is replaced, whoever wrote it. */
export function setCondition(
  conditions: KcmCondition[],
  next: Omit<KcmCondition, 'lastTransitionTime'>,
): void {
  const found = conditions.find(({ type }) => type === next.type);
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  if (found === undefined) conditions.push({ ...next, lastTransitionTime: now });
  else
    Object.assign(found, next, {
      lastTransitionTime: found.status === next.status ? found.lastTransitionTime : now,
    });
}

/** KCM's own `Ready`: False as soon as any condition that it finds is, of whatever type. */
export function foldReady(conditions: KcmCondition[], { metadata }: KubeObject): KcmCondition[] {
  const failed = conditions.filter(({ type, status }) => type !== 'Ready' && status === 'False');
  setCondition(conditions, {
    type: 'Ready',
    observedGeneration: metadata.generation,
    ...(failed.length === 0
      ? { status: 'True', reason: 'Succeeded', message: 'Object is ready' }
      : { status: 'False', reason: 'Failed', message: failed.map(({ message }) => message).join('; ') }),
  });
  return conditions;
}
