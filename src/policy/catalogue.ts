/** A resource or subresource that kube-apiserver serves itself. */
export interface KnownResource {
  /** "" is the core group. */
  group: string;
  resource: string;
  /** "" for the resource itself. */
  subresource: string;
  isNamespaced: boolean;
  verbs: readonly string[];
}

const ALL = ['get', 'list', 'create', 'update', 'patch', 'delete', 'watch', 'deletecollection'];
const ONE_BY_ONE = ['get', 'list', 'create', 'update', 'patch', 'delete', 'watch'];
const STATUS = ['get', 'update', 'patch'];
const PROXY = ['get', 'create', 'update', 'patch', 'delete'];
const CONNECT = ['create', 'get'];
const LOOK = ['get', 'list'];
const CREATE = ['create'];
const UPDATE = ['update'];
const GET = ['get'];

/**
 * What the discovery of kube-apiserver v1.36.3 lists with every API and feature switched on, and metrics.k8s.io, which metrics-server adds.
 * nodes/log stands only in the kubelet's authorisation.
 */
const SERVED: readonly (readonly [
  group: string,
  isNamespaced: boolean,
  verbs: readonly string[],
  names: string,
])[] = [
  [
    '',
    true,
    ALL,
    'pods configmaps endpoints events limitranges persistentvolumeclaims podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services',
  ],
  ['', true, CREATE, 'bindings pods/binding pods/eviction serviceaccounts/token'],
  ['', false, LOOK, 'componentstatuses'],
  ['', false, ONE_BY_ONE, 'namespaces'],
  ['', false, UPDATE, 'namespaces/finalize'],
  ['', false, STATUS, 'namespaces/status nodes/status persistentvolumes/status'],
  ['', false, ALL, 'nodes persistentvolumes'],
  ['', false, PROXY, 'nodes/proxy nodes/log'],
  [
    '',
    true,
    STATUS,
    'persistentvolumeclaims/status pods/ephemeralcontainers pods/resize pods/status replicationcontrollers/scale replicationcontrollers/status resourcequotas/status services/status',
  ],
  ['', true, CONNECT, 'pods/exec pods/attach pods/portforward'],
  ['', true, GET, 'pods/log'],
  ['', true, PROXY, 'pods/proxy services/proxy'],
  ['apps', true, ALL, 'controllerrevisions daemonsets deployments replicasets statefulsets'],
  [
    'apps',
    true,
    STATUS,
    'daemonsets/status deployments/scale deployments/status replicasets/scale replicasets/status statefulsets/scale statefulsets/status',
  ],
  ['batch', true, ALL, 'cronjobs jobs'],
  ['batch', true, STATUS, 'cronjobs/status jobs/status'],
  ['rbac.authorization.k8s.io', false, ALL, 'clusterrolebindings clusterroles'],
  ['rbac.authorization.k8s.io', true, ALL, 'rolebindings roles'],
  ['networking.k8s.io', false, ALL, 'ingressclasses ipaddresses servicecidrs'],
  ['networking.k8s.io', true, ALL, 'ingresses networkpolicies'],
  ['networking.k8s.io', true, STATUS, 'ingresses/status'],
  ['networking.k8s.io', false, STATUS, 'servicecidrs/status'],
  [
    'admissionregistration.k8s.io',
    false,
    ALL,
    'mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations',
  ],
  ['admissionregistration.k8s.io', false, STATUS, 'validatingadmissionpolicies/status'],
  ['apiextensions.k8s.io', false, ALL, 'customresourcedefinitions'],
  ['apiextensions.k8s.io', false, STATUS, 'customresourcedefinitions/status'],
  ['apiregistration.k8s.io', false, ALL, 'apiservices'],
  ['apiregistration.k8s.io', false, STATUS, 'apiservices/status'],
  ['authentication.k8s.io', false, CREATE, 'selfsubjectreviews tokenreviews'],
  ['authorization.k8s.io', true, CREATE, 'localsubjectaccessreviews'],
  [
    'authorization.k8s.io',
    false,
    CREATE,
    'selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews',
  ],
  ['autoscaling', true, ALL, 'horizontalpodautoscalers'],
  ['autoscaling', true, STATUS, 'horizontalpodautoscalers/status'],
  ['certificates.k8s.io', false, ALL, 'certificatesigningrequests'],
  [
    'certificates.k8s.io',
    false,
    STATUS,
    'certificatesigningrequests/approval certificatesigningrequests/status',
  ],
  ['certificates.k8s.io', false, ALL, 'clustertrustbundles'],
  ['certificates.k8s.io', true, ALL, 'podcertificaterequests'],
  ['certificates.k8s.io', true, STATUS, 'podcertificaterequests/status'],
  ['coordination.k8s.io', true, ALL, 'leasecandidates leases'],
  ['discovery.k8s.io', true, ALL, 'endpointslices'],
  ['events.k8s.io', true, ALL, 'events'],
  ['flowcontrol.apiserver.k8s.io', false, ALL, 'flowschemas prioritylevelconfigurations'],
  ['flowcontrol.apiserver.k8s.io', false, STATUS, 'flowschemas/status prioritylevelconfigurations/status'],
  ['internal.apiserver.k8s.io', false, ALL, 'storageversions'],
  ['internal.apiserver.k8s.io', false, STATUS, 'storageversions/status'],
  ['node.k8s.io', false, ALL, 'runtimeclasses'],
  ['policy', true, ALL, 'poddisruptionbudgets'],
  ['policy', true, STATUS, 'poddisruptionbudgets/status'],
  ['resource.k8s.io', false, ALL, 'deviceclasses devicetaintrules resourcepoolstatusrequests resourceslices'],
  ['resource.k8s.io', true, ALL, 'resourceclaims resourceclaimtemplates'],
  ['resource.k8s.io', true, STATUS, 'resourceclaims/status'],
  ['resource.k8s.io', false, STATUS, 'devicetaintrules/status resourcepoolstatusrequests/status'],
  ['scheduling.k8s.io', false, ALL, 'priorityclasses'],
  ['scheduling.k8s.io', true, ALL, 'podgroups workloads'],
  ['scheduling.k8s.io', true, STATUS, 'podgroups/status'],
  [
    'storage.k8s.io',
    false,
    ALL,
    'csidrivers csinodes storageclasses volumeattachments volumeattributesclasses',
  ],
  ['storage.k8s.io', true, ALL, 'csistoragecapacities'],
  ['storage.k8s.io', false, STATUS, 'volumeattachments/status'],
  ['storagemigration.k8s.io', false, ALL, 'storageversionmigrations'],
  ['storagemigration.k8s.io', false, STATUS, 'storageversionmigrations/status'],
  ['metrics.k8s.io', true, LOOK, 'pods'],
  ['metrics.k8s.io', false, LOOK, 'nodes'],
];

/** Every known resource; what people ask for most comes first. */
export const KNOWN_RESOURCES: readonly KnownResource[] = SERVED.flatMap(
  ([group, isNamespaced, verbs, names]) =>
    names.split(' ').map((name) => {
      const [resource = '', subresource = ''] = name.split('/');
      return { group, resource, subresource, isNamespaced, verbs };
    }),
);

/** As rules name it: `pods`, `pods/log`. */
export function wholeName({
  resource,
  subresource,
}: Pick<KnownResource, 'resource' | 'subresource'>): string {
  return subresource === '' ? resource : `${resource}/${subresource}`;
}

const byGroup = new Map<string, Set<string>>();
for (const { group, resource, subresource } of KNOWN_RESOURCES) {
  const names = byGroup.get(group) ?? new Set<string>();
  byGroup.set(group, names.add(wholeName({ resource, subresource })));
}

/** The names of a group, subresources as `pods/log`; undefined for a group that is not known. */
export function knownNames(group: string): ReadonlySet<string> | undefined {
  return byGroup.get(group);
}

/** The known groups that have a resource of that name. */
export function groupsWith(name: string): string[] {
  return [...byGroup].filter(([, names]) => names.has(name)).map(([group]) => group);
}
