import { isObject, listAt, numberAt, stringAt } from './json.ts';

/** A condition as metav1 has it. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  /** RFC 3339; changes only when the status does. */
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** What a plan wants to be said; the time is filled in by `transition`. */
export type ConditionContent = Omit<Condition, 'lastTransitionTime'>;

/** Whether two conditions say the same, whenever they were said. */
export function saysTheSame(a: ConditionContent, b: ConditionContent): boolean {
  return (
    a.type === b.type &&
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration
  );
}

/** The condition to write after `before`, at `nowMs` (epoch): the transition time moves only with the status. */
export function transition(before: Condition | undefined, next: ConditionContent, nowMs: number): Condition {
  const lastTransitionTime =
    before?.status === next.status
      ? before.lastTransitionTime
      : new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return { ...next, lastTransitionTime };
}

/** Reads one entry of a `conditions` list; undefined when it is not an object. */
export function readCondition(raw: unknown): Condition | undefined {
  if (!isObject(raw)) return undefined;
  const status = stringAt(raw, 'status');
  const observedGeneration = numberAt(raw, 'observedGeneration');
  return {
    type: stringAt(raw, 'type') ?? '',
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    reason: stringAt(raw, 'reason') ?? '',
    message: stringAt(raw, 'message') ?? '',
    lastTransitionTime: stringAt(raw, 'lastTransitionTime') ?? '',
    ...(observedGeneration !== undefined ? { observedGeneration } : {}),
  };
}

/** The `status.conditions` of an object. */
export function readConditions(object: unknown): Condition[] {
  return listAt(object, 'status', 'conditions').flatMap((raw) => readCondition(raw) ?? []);
}
