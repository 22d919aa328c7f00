import { at, isObject, listAt, stringAt, type JsonObject } from '../../api/json.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ClusterAuditReport as it stands. It is compared whole, so nothing of its status is taken apart. */
export interface ClusterAuditReport extends ObjectMeta {
  ownerUids: readonly string[];
  status: JsonObject;
}

export function readClusterAuditReport(raw: unknown): ClusterAuditReport {
  const status = at(raw, 'status');
  return {
    ...readObjectMeta(raw),
    ownerUids: listAt(raw, 'metadata', 'ownerReferences').flatMap((owner) => stringAt(owner, 'uid') ?? []),
    status: isObject(status) ? status : {},
  };
}
