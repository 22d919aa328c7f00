/** A resource of the APIs that kube-apiserver, or an API server beside it in most clusters, serves. */
export interface ApiResource {
  /** The plural, as in URLs and rules. */
  resource: string;
  /** "" is the core group. */
  group: string;
  version: string;
  kind: string;
  isNamespaced: boolean;
  shortNames: readonly string[];
}

/** `resource Kind short,names`; a star before it says that it is not in a namespace. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  '/v1': [
    '*componentstatuses ComponentStatus cs',
    'configmaps ConfigMap cm',
    'endpoints Endpoints ep',
    'events Event ev',
    'limitranges LimitRange limits',
    '*namespaces Namespace ns',
    '*nodes Node no',
    'persistentvolumeclaims PersistentVolumeClaim pvc',
    '*persistentvolumes PersistentVolume pv',
    'pods Pod po',
    'podtemplates PodTemplate',
    'replicationcontrollers ReplicationController rc',
    'resourcequotas ResourceQuota quota',
    'secrets Secret',
    'serviceaccounts ServiceAccount sa',
    'services Service svc',
  ],
  'admissionregistration.k8s.io/v1': [
    '*mutatingadmissionpolicies MutatingAdmissionPolicy',
    '*mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding',
    '*mutatingwebhookconfigurations MutatingWebhookConfiguration',
    '*validatingadmissionpolicies ValidatingAdmissionPolicy',
    '*validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding',
    '*validatingwebhookconfigurations ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io/v1': ['*customresourcedefinitions CustomResourceDefinition crd,crds'],
  'apiregistration.k8s.io/v1': ['*apiservices APIService'],
  'apps/v1': [
    'controllerrevisions ControllerRevision',
    'daemonsets DaemonSet ds',
    'deployments Deployment deploy',
    'replicasets ReplicaSet rs',
    'statefulsets StatefulSet sts',
  ],
  'authentication.k8s.io/v1': ['*selfsubjectreviews SelfSubjectReview', '*tokenreviews TokenReview'],
  'authorization.k8s.io/v1': [
    'localsubjectaccessreviews LocalSubjectAccessReview',
    '*selfsubjectaccessreviews SelfSubjectAccessReview',
    '*selfsubjectrulesreviews SelfSubjectRulesReview',
    '*subjectaccessreviews SubjectAccessReview',
  ],
  'autoscaling/v2': ['horizontalpodautoscalers HorizontalPodAutoscaler hpa'],
  'batch/v1': ['cronjobs CronJob cj', 'jobs Job'],
  'certificates.k8s.io/v1': ['*certificatesigningrequests CertificateSigningRequest csr'],
  'coordination.k8s.io/v1': ['leases Lease'],
  'discovery.k8s.io/v1': ['endpointslices EndpointSlice'],
  'events.k8s.io/v1': ['events Event ev'],
  'flowcontrol.apiserver.k8s.io/v1': [
    '*flowschemas FlowSchema',
    '*prioritylevelconfigurations PriorityLevelConfiguration',
  ],
  'metrics.k8s.io/v1beta1': ['*nodes NodeMetrics', 'pods PodMetrics'],
  'networking.k8s.io/v1': [
    '*ingressclasses IngressClass',
    'ingresses Ingress ing',
    '*ipaddresses IPAddress ip',
    'networkpolicies NetworkPolicy netpol',
    '*servicecidrs ServiceCIDR',
  ],
  'node.k8s.io/v1': ['*runtimeclasses RuntimeClass'],
  'policy/v1': ['poddisruptionbudgets PodDisruptionBudget pdb'],
  'rbac.authorization.k8s.io/v1': [
    '*clusterrolebindings ClusterRoleBinding',
    '*clusterroles ClusterRole',
    'rolebindings RoleBinding',
    'roles Role',
  ],
  'resource.k8s.io/v1': [
    '*deviceclasses DeviceClass',
    'resourceclaims ResourceClaim',
    'resourceclaimtemplates ResourceClaimTemplate',
    '*resourceslices ResourceSlice',
  ],
  'scheduling.k8s.io/v1': ['*priorityclasses PriorityClass pc'],
  'storage.k8s.io/v1': [
    '*csidrivers CSIDriver',
    '*csinodes CSINode',
    'csistoragecapacities CSIStorageCapacity',
    '*storageclasses StorageClass sc',
    '*volumeattachments VolumeAttachment',
    '*volumeattributesclasses VolumeAttributesClass vac',
  ],
};

/** The core group first, so that `pods` and `events` are those of the core. */
export const API_RESOURCES: readonly ApiResource[] = Object.entries(TABLE).flatMap(([groupVersion, rows]) => {
  const [group = '', version = ''] = groupVersion.split('/');
  return rows.map((row) => {
    const [name = '', kind = '', shorts = ''] = row.split(' ');
    return {
      resource: name.replace('*', ''),
      group,
      version,
      kind,
      isNamespaced: !name.startsWith('*'),
      shortNames: shorts === '' ? [] : shorts.split(','),
    };
  });
});

/** What `kubectl get all` asks for. */
export const CATEGORY_ALL = [
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'horizontalpodautoscalers',
  'cronjobs',
  'jobs',
] as const;
