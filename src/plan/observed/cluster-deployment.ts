import { readCondition, type Condition } from '../../api/condition.ts';
import { at, listAt, numberAt, stringAt } from '../../api/json.ts';
import {
  ANNOTATION_KUBERNETES_VERSION,
  ANNOTATION_PAUSED,
  ANNOTATION_REQUESTED_AT,
} from '../../api/names.ts';
import { CLUSTER_CONDITION } from '../../api/reasons.ts';
import { annotation, readObjectMeta, type ObjectMeta } from './object-meta.ts';

/** A ClusterDeployment, as far as this program reads it. */
export interface ClusterDeployment extends ObjectMeta {
  /** `spec.auditPolicy`; an empty string counts as none, as in k0rdent. */
  auditPolicy?: string;
  paused: boolean;
  dryRun: boolean;
  /** Annotation `reconcile.fluxcd.io/requestedAt`, as written. */
  requestedAt?: string;
  /** `status.region`: its objects live in another cluster. */
  region?: string;
  /** `status.k8sVersion`, as written. */
  statusVersion?: string;
  /** Annotation `auditpolicy.dev/kubernetes-version`, as written. */
  annotatedVersion?: string;
  /** `spec.config.controlPlaneNumber`. */
  controlPlaneNumber?: number;
  /** The one condition that is ours. */
  condition?: Condition;
  /** Its place in `status.conditions`, and how many there are; for CRDs whose conditions are an atomic list. */
  conditionIndex: number;
  conditionCount: number;
}

export function readClusterDeployment(raw: unknown): ClusterDeployment {
  const auditPolicy = stringAt(raw, 'spec', 'auditPolicy');
  const region = stringAt(raw, 'status', 'region');
  const statusVersion = stringAt(raw, 'status', 'k8sVersion');
  const annotatedVersion = annotation(raw, ANNOTATION_KUBERNETES_VERSION);
  const requestedAt = annotation(raw, ANNOTATION_REQUESTED_AT);
  const controlPlaneNumber = numberAt(raw, 'spec', 'config', 'controlPlaneNumber');
  const conditions = listAt(raw, 'status', 'conditions');
  const conditionIndex = conditions.findIndex((entry) => stringAt(entry, 'type') === CLUSTER_CONDITION);
  const condition = readCondition(conditions[conditionIndex]);
  return {
    ...readObjectMeta(raw),
    ...(auditPolicy ? { auditPolicy } : {}),
    paused: annotation(raw, ANNOTATION_PAUSED) === 'true',
    dryRun: at(raw, 'spec', 'dryRun') === true,
    ...(requestedAt ? { requestedAt } : {}),
    ...(region ? { region } : {}),
    ...(statusVersion ? { statusVersion } : {}),
    ...(annotatedVersion ? { annotatedVersion } : {}),
    ...(controlPlaneNumber !== undefined ? { controlPlaneNumber } : {}),
    ...(condition ? { condition } : {}),
    conditionIndex,
    conditionCount: conditions.length,
  };
}
