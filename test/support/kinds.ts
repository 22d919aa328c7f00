/** Builders of API paths: `(namespace)` is the collection, `(namespace, name)` the object. */
type NamespacedPath = (namespace: string, name?: string) => string;
type ClusterPath = (name?: string) => string;

function namespaced(prefix: string, plural: string): NamespacedPath {
  return (namespace, name) =>
    `${prefix}/namespaces/${namespace}/${plural}${name === undefined ? '' : `/${name}`}`;
}

function cluster(prefix: string, plural: string): ClusterPath {
  return (name) => `${prefix}/${plural}${name === undefined ? '' : `/${name}`}`;
}

export const namespaces = cluster('/api/v1', 'namespaces');
export const podTemplates = namespaced('/api/v1', 'podtemplates');
export const configMaps = namespaced('/api/v1', 'configmaps');
export const events = namespaced('/apis/events.k8s.io/v1', 'events');
export const coreEvents = namespaced('/api/v1', 'events');
export const secrets = namespaced('/api/v1', 'secrets');
export const services = namespaced('/api/v1', 'services');
export const pods = namespaced('/api/v1', 'pods');
export const deployments = namespaced('/apis/apps/v1', 'deployments');
export const serviceAccounts = namespaced('/api/v1', 'serviceaccounts');
export const controllerRevisions = namespaced('/apis/apps/v1', 'controllerrevisions');
export const leases = namespaced('/apis/coordination.k8s.io/v1', 'leases');
export const roles = namespaced('/apis/rbac.authorization.k8s.io/v1', 'roles');
export const roleBindings = namespaced('/apis/rbac.authorization.k8s.io/v1', 'rolebindings');
export const clusterRoles = cluster('/apis/rbac.authorization.k8s.io/v1', 'clusterroles');
export const clusterRoleBindings = cluster('/apis/rbac.authorization.k8s.io/v1', 'clusterrolebindings');
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
export const webhookConfigurations = cluster(ADMISSION, 'validatingwebhookconfigurations');
export const admissionPolicies = cluster(ADMISSION, 'validatingadmissionpolicies');
export const admissionPolicyBindings = cluster(ADMISSION, 'validatingadmissionpolicybindings');
export const crds = cluster('/apis/apiextensions.k8s.io/v1', 'customresourcedefinitions');
export const auditPolicies = namespaced('/apis/k0rdent.mirantis.com/v1beta1', 'clusterauditpolicies');
export const clusterDeployments = namespaced('/apis/k0rdent.mirantis.com/v1beta1', 'clusterdeployments');
export const auditReports = namespaced('/apis/auditpolicy.dev/v1alpha1', 'clusterauditreports');
export const managements = cluster('/apis/k0rdent.mirantis.com/v1beta1', 'managements');
export const helmReleases = namespaced('/apis/helm.toolkit.fluxcd.io/v2', 'helmreleases');
export const capiClusters = namespaced('/apis/cluster.x-k8s.io/v1beta2', 'clusters');
export const helmCharts = namespaced('/apis/source.toolkit.fluxcd.io/v1', 'helmcharts');
