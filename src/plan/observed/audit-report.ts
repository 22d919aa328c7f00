import { at, isObject, listAt, type JsonObject } from '../../api/json.ts';
import { readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ClusterAuditReport as it stands. It is compared with what is to be said, so its status is not taken apart. */
export interface ClusterAuditReport extends ObjectMeta {
  owners: readonly JsonObject[];
  status: JsonObject;
}

export function readClusterAuditReport(raw: unknown): ClusterAuditReport {
  const status = at(raw, 'status');
  return {
    ...readObjectMeta(raw),
    owners: listAt(raw, 'metadata', 'ownerReferences').filter(isObject),
    status: isObject(status) ? status : {},
  };
}
