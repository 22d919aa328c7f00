import { stringAt } from '../../api/json.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ControllerRevision that keeps a rendered policy; the content itself is fetched only to restore it. */
export interface KeptRevision extends ObjectMeta {
  /** From the name. */
  sha256: string;
  createdMs: number;
}

export function readKeptRevision(raw: unknown): KeptRevision {
  const meta = readObjectMeta(raw);
  const created = Date.parse(stringAt(raw, 'metadata', 'creationTimestamp') ?? '');
  return {
    ...meta,
    sha256: /^audit-policy-([0-9a-f]{64})$/.exec(meta.name)?.[1] ?? '',
    createdMs: Number.isNaN(created) ? 0 : created,
  };
}
