/** Every name that this program reads or writes on the API server, in one place. */

export const FIELD_MANAGER = 'audit-policy-operator';

export const K0RDENT_GROUP = 'k0rdent.mirantis.com';
export const K0RDENT_VERSION = 'v1beta1';
export const K0RDENT_API_VERSION = `${K0RDENT_GROUP}/${K0RDENT_VERSION}`;
export const HELM_RELEASE_API_VERSION = 'helm.toolkit.fluxcd.io/v2';
export const CAPI_GROUP = 'cluster.x-k8s.io';

/** Ours on a ConfigMap or ControllerRevision; the watches select by it. */
export const LABEL_MANAGED_BY = 'app.kubernetes.io/managed-by';
/** The first 8 hex digits of a kept revision's sha256, to find it by the hash that is in place. */
export const LABEL_HASH = 'auditpolicy.dev/hash';
/** Flux's own label on what a release made: on a CAPI Cluster it names the ClusterDeployment. */
export const LABEL_FLUX_NAME = 'helm.toolkit.fluxcd.io/name';
/** The namespace of that release; a Cluster made by a release of another namespace is none of ours. */
export const LABEL_FLUX_NAMESPACE = 'helm.toolkit.fluxcd.io/namespace';
export const LABEL_KCM_MANAGED = 'k0rdent.mirantis.com/managed';

/** "true" on a ClusterAuditPolicy or a ClusterDeployment: nothing of that cluster is written but its condition. */
export const ANNOTATION_PAUSED = 'auditpolicy.dev/paused';
/**
 * On a ClusterAuditPolicy: how an edit reaches the clusters that run an older content of it. `Immediate`: all at once; `Hold`:
 * none; absent: a few at a time.
 */
export const ANNOTATION_PROPAGATION = 'auditpolicy.dev/propagation';
/** Flux' own, on a ClusterDeployment or a ClusterAuditPolicy: a new value asks for another look, at what is really there. */
export const ANNOTATION_REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';
/** On a ClusterDeployment: the Kubernetes version of its control plane, when nothing else tells it. */
export const ANNOTATION_KUBERNETES_VERSION = 'auditpolicy.dev/kubernetes-version';
/** On our ConfigMap: the ClusterDeployment that it was made for. */
export const ANNOTATION_DEPLOYMENT_UID = 'auditpolicy.dev/cluster-deployment-uid';
/** On our ConfigMap: the ClusterAuditPolicy that its content came from, to tell an edit of it from a changed reference. */
export const ANNOTATION_POLICY = 'auditpolicy.dev/policy';
/** On our ConfigMap: the full digest of what was put there, for people and for `kubectl get -o yaml`. */
export const ANNOTATION_SHA256 = 'auditpolicy.dev/sha256';
/** On our ConfigMap: when the values stopped naming it (RFC 3339); it is deleted a retention time later. */
export const ANNOTATION_RELEASED_AT = 'auditpolicy.dev/released-at';

/**
 * On our ConfigMap: how often another writer has taken the reference out of the values of which HelmRelease
 * (`<uid>/<count>`). It survives a restart, so that nobody is fought anew.
 */
export const ANNOTATION_REVERTED = 'auditpolicy.dev/reverted';

/**
 * On our ConfigMap: the HelmRelease (`<uid>/<generation>`) as it was when the content was put here, before its values were written.
 * While it is the same, nobody has written the values since: not we, and no rival.
 */
export const ANNOTATION_BEFORE = 'auditpolicy.dev/helmrelease-before';

/** The key of the ConfigMap that holds the policy; k0rdent's contract fixes it. */
export const POLICY_KEY = 'policy';

/** The longest name that the API server takes for a ConfigMap (a DNS-1123 subdomain). */
export const MAX_NAME_LENGTH = 253;

/** The ConfigMap of a ClusterDeployment; k0rdent's contract fixes the form. */
export function configMapName(clusterDeployment: string): string {
  return `${clusterDeployment}-audit-policy`;
}

/** Whose ConfigMap one is, by its name or `namespace/name`; undefined when the name is not of that form. */
export function deploymentOf(configMap: string): string | undefined {
  const suffix = configMapName('');
  return configMap.endsWith(suffix) ? configMap.slice(0, -suffix.length) : undefined;
}

/** The ControllerRevision that keeps a rendered policy, named by the full digest of its bytes (64 hex digits). */
export function revisionName(sha256: string): string {
  return `audit-policy-${sha256}`;
}

/** Whether a text can be the name of an object in the same namespace (RFC 1123 subdomain): no `/`, no `..`. */
export function isObjectName(text: string): boolean {
  return (
    text.length <= MAX_NAME_LENGTH &&
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)
  );
}
