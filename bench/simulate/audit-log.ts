/**
 * An audit log as a small, busy cluster writes it under a catch-all policy with bodies: mostly leases, watches and gets by
 * components, fewer writes by controllers and people. Seeded: the same lines each time.
 */
export function* auditLogLines(count: number): Generator<string> {
  const random = mulberry32(20261125);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  for (let i = 0; i < count; i++) {
    const kind = pickKind(random());
    const shape = kind(i, pick);
    const received = new Date(START_MS + i * 20).toISOString().replace('Z', '123Z');
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'RequestResponse',
      auditID: uuid(random),
      stage: 'ResponseComplete',
      requestURI: shape.uri,
      verb: shape.verb,
      user: shape.user,
      sourceIPs: [`10.0.${i % 200}.${i % 250}`],
      userAgent: 'kube-controller-manager/v1.36.3 (linux/amd64) kubernetes/1a2b3c4/leader-election',
      objectRef: shape.objectRef,
      responseStatus: { metadata: {}, code: shape.verb === 'create' ? 201 : 200 },
      ...(shape.requestObject && { requestObject: shape.requestObject }),
      ...(shape.responseObject && { responseObject: shape.responseObject }),
      requestReceivedTimestamp: received,
      stageTimestamp: received,
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    };
    // Go writes these so.
    yield JSON.stringify(event).replaceAll('&', '\\u0026');
  }
}

const START_MS = Date.UTC(2026, 10, 24);

interface Shape {
  verb: string;
  uri: string;
  user: { username: string; groups: string[] };
  objectRef?: object;
  requestObject?: object;
  responseObject?: object;
}
type Kind = (i: number, pick: <T>(list: readonly T[]) => T) => Shape;

const NAMESPACES = ['default', 'kube-system', 'prod', 'monitoring'] as const;

const component = (name: string) => ({ username: name, groups: ['system:authenticated'] });
const node = (i: number) => ({
  username: `system:node:node-${i % 50}`,
  groups: ['system:nodes', 'system:authenticated'],
});
const serviceAccount = (namespace: string, name: string) => ({
  username: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});
const person = (i: number) => ({
  username: `user-${i % 30}@example.com`,
  groups: ['oidc:dev', 'system:authenticated'],
});

const lease: Kind = (i) => {
  const name = `node-${i % 50}`;
  const object = objectOf('coordination.k8s.io/v1', 'Lease', 'kube-node-lease', name, i, {
    holderIdentity: name,
    leaseDurationSeconds: 40,
    renewTime: '2026-11-24T10:00:00.000000Z',
  });
  return {
    verb: 'update',
    uri: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}?timeout=10s`,
    user: node(i),
    objectRef: {
      resource: 'leases',
      namespace: 'kube-node-lease',
      name,
      uid: UID,
      apiGroup: 'coordination.k8s.io',
      apiVersion: 'v1',
      resourceVersion: String(i),
    },
    requestObject: object,
    responseObject: object,
  };
};

const watch: Kind = (i, pick) => {
  const resource = pick(['pods', 'configmaps', 'secrets', 'services', 'nodes']);
  return {
    verb: 'watch',
    uri: `/api/v1/${resource}?allowWatchBookmarks=true&resourceVersion=${i}&timeout=8m12s&watch=true`,
    user: component('system:kube-controller-manager'),
    objectRef: { resource, apiVersion: 'v1' },
  };
};

const get: Kind = (i, pick) => {
  const namespace = pick(NAMESPACES);
  const resource = pick(['configmaps', 'secrets', 'serviceaccounts']);
  const name = `thing-${i % 500}`;
  return {
    verb: 'get',
    uri: `/api/v1/namespaces/${namespace}/${resource}/${name}`,
    user: serviceAccount(namespace, 'app'),
    objectRef: { resource, namespace, name, apiVersion: 'v1' },
    responseObject: objectOf('v1', resource, namespace, name, i, { data: 'x'.repeat(300) }),
  };
};

const podStatus: Kind = (i, pick) => {
  const namespace = pick(NAMESPACES);
  const name = `web-${i % 300}`;
  return {
    verb: 'patch',
    uri: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
    user: node(i),
    objectRef: { resource: 'pods', namespace, name, apiVersion: 'v1', subresource: 'status' },
    requestObject: { status: { conditions: [{ type: 'Ready', status: 'True' }], podIP: '10.1.2.3' } },
    responseObject: pod(namespace, name, i),
  };
};

const list: Kind = (i, pick) => {
  const namespace = pick(NAMESPACES);
  return {
    verb: 'list',
    uri: `/api/v1/namespaces/${namespace}/pods?limit=500`,
    user: person(i),
    objectRef: { resource: 'pods', namespace, apiVersion: 'v1' },
    responseObject: {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(i) },
      items: Array.from({ length: 5 }, (_, n) => pod(namespace, `web-${n}`, i)),
    },
  };
};

const health: Kind = (_, pick) => ({
  verb: 'get',
  uri: pick(['/healthz', '/livez?exclude=etcd', '/readyz', '/openapi/v3', '/metrics']),
  user: component('system:anonymous'),
});

const KINDS: readonly [number, Kind][] = [
  [0.4, lease],
  [0.6, get],
  [0.75, watch],
  [0.85, podStatus],
  [0.9, list],
  [1, health],
];

function pickKind(chance: number): Kind {
  return KINDS.find(([limit]) => chance < limit)?.[1] ?? health;
}

const UID = '5a1b7c1e-9f0c-4a38-8f43-0f6c7a2a5a11';

function objectOf(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  i: number,
  spec: object,
): object {
  return {
    kind,
    apiVersion,
    metadata: {
      name,
      namespace,
      uid: UID,
      resourceVersion: String(i),
      creationTimestamp: '2026-11-01T00:00:00Z',
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          apiVersion,
          time: '2026-11-24T10:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:holderIdentity': {}, 'f:leaseDurationSeconds': {}, 'f:renewTime': {} } },
        },
      ],
    },
    spec,
  };
}

function pod(namespace: string, name: string, i: number): object {
  return objectOf('v1', 'Pod', namespace, name, i, {
    containers: [
      {
        name: 'app',
        image: 'registry.example.com/app:1.2.3',
        env: Array.from({ length: 10 }, (_, n) => ({ name: `SETTING_${n}`, value: `value of setting ${n}` })),
        resources: { limits: { cpu: '500m', memory: '128Mi' }, requests: { cpu: '100m', memory: '64Mi' } },
        volumeMounts: [
          {
            name: 'kube-api-access',
            readOnly: true,
            mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
          },
        ],
      },
    ],
    nodeName: `node-${i % 50}`,
    serviceAccountName: 'default',
    tolerations: [
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ],
  });
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A small generator of even random numbers, 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
