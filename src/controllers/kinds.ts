import { CAPI_GROUP, K0RDENT_GROUP, K0RDENT_VERSION } from '../api/names.ts';
import { AUDIT_REPORT_GROUP, AUDIT_REPORT_VERSION } from '../api/report-reasons.ts';
import type { Resource } from '../kube/resources.ts';

/** The kinds that the controllers read and write. */

export const CLUSTER_DEPLOYMENTS: Resource = {
  group: K0RDENT_GROUP,
  version: K0RDENT_VERSION,
  plural: 'clusterdeployments',
  kind: 'ClusterDeployment',
  namespaced: true,
};

export const CLUSTER_AUDIT_POLICIES: Resource = {
  group: K0RDENT_GROUP,
  version: K0RDENT_VERSION,
  plural: 'clusterauditpolicies',
  kind: 'ClusterAuditPolicy',
  namespaced: true,
};

export const CLUSTER_AUDIT_REPORTS: Resource = {
  group: AUDIT_REPORT_GROUP,
  version: AUDIT_REPORT_VERSION,
  plural: 'clusterauditreports',
  kind: 'ClusterAuditReport',
  namespaced: true,
};

/** KCM's own; that it is served is the sign that KCM is installed. */
export const MANAGEMENTS: Resource = {
  group: K0RDENT_GROUP,
  version: K0RDENT_VERSION,
  plural: 'managements',
  kind: 'Management',
  namespaced: false,
};

export const HELM_RELEASES: Resource = {
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  plural: 'helmreleases',
  kind: 'HelmRelease',
  namespaced: true,
};

/** Newest first: Cluster API before 1.11 serves only the older one. */
export const CAPI_CLUSTER_VERSIONS: readonly [Resource, ...Resource[]] = [
  capiClusters('v1beta2'),
  capiClusters('v1beta1'),
];

function capiClusters(version: string): Resource {
  return { group: CAPI_GROUP, version, plural: 'clusters', kind: 'Cluster', namespaced: true };
}

export const CONFIG_MAPS: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

export const CONTROLLER_REVISIONS: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  kind: 'ControllerRevision',
  namespaced: true,
};

export const EVENTS: Resource = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

export const CUSTOM_RESOURCE_DEFINITIONS: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** The name of a kind's CustomResourceDefinition. */
export function crdName({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}
