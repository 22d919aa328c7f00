import { stringAt } from '../../api/json.ts';
import { LABEL_FLUX_NAME, LABEL_FLUX_NAMESPACE } from '../../api/names.ts';
import { label, readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A Cluster API Cluster: the best owner of the ConfigMap, since its control plane mounts it. */
export interface CapiCluster extends ObjectMeta {
  apiVersion: string;
  /** `namespace/name` of the ClusterDeployment whose release made it; "" when no label tells. */
  deploymentKey: string;
}

export function readCapiCluster(raw: unknown): CapiCluster {
  const meta = readObjectMeta(raw);
  const release = label(raw, LABEL_FLUX_NAME);
  const isOfThisNamespace = (label(raw, LABEL_FLUX_NAMESPACE) ?? meta.namespace) === meta.namespace;
  return {
    ...meta,
    apiVersion: stringAt(raw, 'apiVersion') ?? '',
    deploymentKey: release && isOfThisNamespace ? `${meta.namespace}/${release}` : '',
  };
}
