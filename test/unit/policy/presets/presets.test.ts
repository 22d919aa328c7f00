import { fingerprint } from '../../../../src/policy/fingerprint.ts';
import { compilePolicy, type Evaluator } from '../../../../src/policy/evaluate.ts';
import { PRESETS } from '../../../../src/policy/presets/all.ts';
import { K0S_APIS, KUBERNETES_APIS } from '../../../../src/policy/presets/known-apis.ts';
import { policyOf, type Preset } from '../../../../src/policy/presets/preset.ts';
import { API_RESOURCES } from '../../../../src/policy/request/api-table.ts';
import { toRequest, type RequestSpec } from '../../../../src/policy/request/request-spec.ts';
import { LEVELS, type AuditPolicy } from '../../../../src/policy/types.ts';
import { validatePolicy } from '../../../../src/policy/validate.ts';

const PARAMETERS = { knownApis: KUBERNETES_APIS, groups: ['oidc:admins', 'oidc:developers'] };
const built = (preset: Preset): AuditPolicy => policyOf(preset.build(PARAMETERS));
const EVERY = PRESETS.map((preset) => [preset.name, built(preset)] as const);
/** All but the one that records only people, on purpose. */
const WHOLE = EVERY.filter(([name]) => name !== 'humans');

const evaluators = new WeakMap<AuditPolicy, Evaluator>();
function levelOf(policy: AuditPolicy, spec: RequestSpec): string {
  const evaluator = evaluators.get(policy) ?? compilePolicy(policy);
  evaluators.set(policy, evaluator);
  return evaluator(toRequest(spec).request).level;
}
/** The levels that a policy gives to requests, each once. */
const levelsOf = (policy: AuditPolicy, specs: readonly RequestSpec[]): string[] => [
  ...new Set(specs.map((spec) => levelOf(policy, spec))),
];
const ofPreset = (name: string): AuditPolicy => {
  const found = EVERY.find(([each]) => each === name);
  if (found === undefined) throw new Error(`no preset ${name}`);
  return found[1];
};
const rank = (level: string): number => LEVELS.findIndex((known) => known === level);

const NODE = { user: 'system:node:n1', groups: ['system:nodes'] };
const COMPONENTS: RequestSpec[] = [
  NODE,
  { user: 'system:kube-controller-manager' },
  { user: 'system:kube-scheduler' },
  { user: 'system:apiserver', groups: ['system:masters'] },
  { user: 'system:kube-proxy' },
  { user: 'system:serviceaccount:kube-system:endpoint-controller' },
  { user: 'system:serviceaccount:kube-system:coredns' },
];
const PEOPLE: RequestSpec[] = [
  { user: 'alice' },
  { user: 'alice', groups: ['oidc:admins'] },
  { user: 'root', groups: ['system:masters'] },
  { user: 'system:anonymous' },
  { user: 'system:serviceaccount:prod:app' },
];
const ANYBODY: RequestSpec[] = [...COMPONENTS, ...PEOPLE, { noUser: true }];
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const WRITES = VERBS.slice(3);

/** A request of each of these users, with each verb, in each namespace. */
function by(
  users: readonly RequestSpec[],
  verbs: readonly string[],
  namespaces: readonly string[],
  what: RequestSpec,
): RequestSpec[] {
  return users.flatMap((who) =>
    verbs.flatMap((verb) => namespaces.map((namespace) => ({ ...what, ...who, verb, namespace }))),
  );
}

describe.each(EVERY)('%s', (_, policy) => {
  test.each(['1.34', '1.35', '1.36'])('kube-apiserver %s takes it', (version) => {
    const [major, minor] = version.split('.').map(Number);
    expect(validatePolicy(policy, { major: major!, minor: minor! })).toEqual([]);
  });

  test('nobody’s credential is ever recorded with its content', () => {
    const kinds = [
      ['secrets', ''],
      ['configmaps', ''],
      ['serviceaccounts/token', ''],
      ['tokenreviews', 'authentication.k8s.io'],
      ['certificatesigningrequests', 'certificates.k8s.io'],
      ['certificatesigningrequests/approval', 'certificates.k8s.io'],
      ['oauthaccesstokens', 'oauth.openshift.io'],
      ['passwords', 'generators.external-secrets.io'],
    ] as const;
    for (const [resource, apiGroup] of kinds) {
      const specs = by(ANYBODY, VERBS, ['kube-system', 'prod', ''], { resource, apiGroup, name: 'x' });
      expect(levelsOf(policy, specs).filter((level) => rank(level) > rank('Metadata'))).toEqual([]);
    }
  });

  test('whoever touches a secret or asks for a token is recorded', () => {
    for (const resource of ['secrets', 'serviceaccounts/token'])
      expect(levelsOf(policy, by(ANYBODY, VERBS, ['kube-system', 'prod', ''], { resource }))).toEqual([
        'Metadata',
      ]);
  });

  test('what is read is never recorded with its answer', () => {
    const specs = API_RESOURCES.flatMap(({ resource, group }) =>
      by(ANYBODY, ['get', 'list', 'watch'], ['prod'], { resource, apiGroup: group }),
    );
    expect(levelsOf(policy, specs)).not.toContain('RequestResponse');
  });

  test('no two spellings of a rule, and no empty reason', () => {
    const rules = policy.rules ?? [];
    expect(new Set(rules.map((rule) => fingerprint({ rules: [rule] }))).size).toBe(rules.length);
  });
});

describe.each(WHOLE)('%s', (_, policy) => {
  test('401s are recorded, by the last rule, which has no condition', () => {
    expect(policy.rules?.at(-1)).toEqual({ level: 'Metadata' });
    for (const resource of ['pods', 'nodes', 'widgets'])
      expect(levelOf(policy, { noUser: true, verb: 'list', resource })).toBe('Metadata');
    expect(levelOf(policy, { noUser: true, url: '/metrics' })).toBe('Metadata');
  });

  test.each(['/healthz', '/healthz/etcd', '/livez', '/readyz?verbose', '/version', '/openapi/v3'])(
    'a look at %s is quiet, and nothing but a look',
    (url) => {
      for (const who of ANYBODY) expect(levelOf(policy, { ...who, url })).toBe('None');
      expect(levelOf(policy, { user: 'alice', url, verb: 'post' })).toBe('Metadata');
    },
  );

  test.each(['/api', '/apis', '/apis/apps', '/metrics', '/debug/pprof/profile', '/', '/logs'])(
    'a look at %s is recorded',
    (url) => {
      for (const who of ANYBODY) expect(levelOf(policy, { ...who, url })).toBe('Metadata');
    },
  );

  test.each<[string, RequestSpec]>([
    [
      'a node’s heartbeat',
      { ...NODE, verb: 'update', resource: 'leases', namespace: 'kube-node-lease', name: 'n1' },
    ],
    ['a node’s status', { ...NODE, verb: 'patch', resource: 'nodes/status', name: 'n1' }],
    ['a node’s look at itself', { ...NODE, verb: 'get', resource: 'nodes', name: 'n1' }],
    ['a node’s event', { ...NODE, verb: 'create', resource: 'events', namespace: 'prod' }],
    [
      'leader election',
      { user: 'system:kube-scheduler', verb: 'update', resource: 'leases', namespace: 'kube-system' },
    ],
    [
      'the scheduler’s event',
      {
        user: 'system:kube-scheduler',
        verb: 'create',
        resource: 'events',
        apiGroup: 'events.k8s.io',
        namespace: 'prod',
      },
    ],
    [
      'an endpoint slice',
      {
        user: 'system:serviceaccount:kube-system:endpointslice-controller',
        verb: 'update',
        resource: 'endpointslices',
        namespace: 'prod',
      },
    ],
    ['kube-proxy’s watch', { user: 'system:kube-proxy', verb: 'watch', resource: 'endpointslices' }],
    [
      'CoreDNS’ watch',
      { user: 'system:serviceaccount:kube-system:coredns', verb: 'watch', resource: 'services' },
    ],
  ])('%s is quiet, and the same by anybody else is not', (_, spec) => {
    expect(levelOf(policy, spec)).toBe('None');
    for (const who of PEOPLE) expect(levelOf(policy, { ...spec, groups: [], ...who })).not.toBe('None');
  });

  test.each<[string, RequestSpec]>([
    ['a node that is made', { ...NODE, verb: 'create', resource: 'nodes' }],
    ['a node that labels itself', { ...NODE, verb: 'patch', resource: 'nodes', name: 'n1' }],
    ['a node that deletes pods', { ...NODE, verb: 'delete', resource: 'pods', namespace: 'prod', name: 'x' }],
    [
      'a controller that changes roles',
      { user: 'system:kube-controller-manager', verb: 'update', resource: 'clusterroles', name: 'x' },
    ],
    [
      'an add-on that makes a pod',
      { user: 'system:serviceaccount:kube-system:x', verb: 'create', resource: 'pods', namespace: 'prod' },
    ],
    [
      'kube-proxy that writes endpoints',
      { user: 'system:kube-proxy', verb: 'update', resource: 'endpoints', namespace: 'prod', name: 'x' },
    ],
  ])('%s is recorded', (_, spec) => {
    expect(levelOf(policy, spec)).not.toBe('None');
  });

  test('ways into containers, nodes and services are recorded, over WebSockets and before, by whomever', () => {
    const ways = ['exec', 'attach', 'portforward', 'proxy'].map((way) => `pods/${way}`);
    for (const resource of [...ways, 'services/proxy', 'nodes/proxy'])
      expect(levelsOf(policy, by(ANYBODY, VERBS, ['prod'], { resource, name: 'x' }))).toEqual(['Metadata']);
    const debug = by(ANYBODY, ['patch', 'update'], ['prod'], { resource: 'pods/ephemeralcontainers' });
    expect(levelsOf(policy, debug)).not.toContain('None');
  });

  test('changes of rights have their content', () => {
    for (const resource of ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']) {
      const levels = levelsOf(policy, by(ANYBODY, WRITES, ['prod'], { resource }));
      expect(levels.filter((level) => rank(level) < rank('Request'))).toEqual([]);
    }
  });

  test('what is written of a custom resource is known to nobody, so its content is not recorded', () => {
    for (const verb of WRITES)
      expect(levelOf(policy, { user: 'alice', verb, resource: 'widgets', apiGroup: 'example.com' })).toBe(
        'Metadata',
      );
  });
});

describe('what tells the presets apart', () => {
  const deployment = { user: 'alice', verb: 'create', resource: 'deployments', namespace: 'prod' };
  const ingress = { ...deployment, resource: 'ingresses' };
  const status = { ...NODE, verb: 'patch', resource: 'pods/status', namespace: 'prod', name: 'x' };
  test.each([
    ['minimal', 'Metadata', 'Metadata', 'Metadata'],
    ['baseline', 'Request', 'Metadata', 'Metadata'],
    ['cis', 'Request', 'Metadata', 'Metadata'],
    ['write-bodies', 'Request', 'Request', 'Metadata'],
    ['gke', 'RequestResponse', 'RequestResponse', 'Metadata'],
    ['k0rdent', 'RequestResponse', 'RequestResponse', 'Metadata'],
    ['humans', 'None', 'None', 'None'],
  ])('%s: a deployment at %s, an ingress at %s, a status at %s', (name, ...levels) => {
    expect([deployment, ingress, status].map((spec) => levelOf(ofPreset(name), spec))).toEqual(levels);
  });

  test('k0rdent: the APIs of k0s, but not the values of its charts', () => {
    const write = { user: 'alice', verb: 'update', resource: 'x', namespace: 'kube-system' };
    for (const apiGroup of K0S_APIS)
      expect(levelOf(ofPreset('k0rdent'), { ...write, apiGroup })).toBe('RequestResponse');
    expect(levelOf(ofPreset('k0rdent'), { ...write, apiGroup: 'helm.k0sproject.io' })).toBe('Metadata');
  });

  test.each(['write-bodies', 'gke', 'k0rdent'])('%s: the known APIs are a parameter', (name) => {
    const preset = PRESETS.find((each) => each.name === name)!;
    const policy = policyOf(preset.build({ groups: [], knownApis: ['apps', 'example.com'] }));
    expect(rank(levelOf(policy, deployment))).toBeGreaterThan(rank('Metadata'));
    expect(levelOf(policy, ingress)).toBe('Metadata');
    expect(
      rank(levelOf(policy, { ...deployment, resource: 'widgets', apiGroup: 'example.com' })),
    ).toBeGreaterThan(rank('Metadata'));
  });

  test('humans: the groups at Request, and nothing else but secrets', () => {
    const policy = ofPreset('humans');
    for (const verb of VERBS) {
      for (const group of PARAMETERS.groups) {
        const admin = { user: 'alice', groups: [group], verb, namespace: 'prod' };
        expect(levelOf(policy, { ...admin, resource: 'pods' })).toBe('Request');
        expect(levelOf(policy, { ...admin, resource: 'configmaps' })).toBe('Metadata');
      }
      for (const who of [...COMPONENTS, { user: 'bob', groups: ['admins'] }, { noUser: true }])
        expect(levelOf(policy, { ...who, verb, resource: 'configmaps', namespace: 'prod' })).toBe('None');
    }
    expect(levelOf(policy, { user: 'alice', groups: ['oidc:admins'], url: '/apis' })).toBe('Metadata');
  });
});

test('each preset says what it is, in words', () => {
  expect(PRESETS.map(({ name }) => name)).toEqual([
    'minimal',
    'baseline',
    'cis',
    'write-bodies',
    'gke',
    'k0rdent',
    'humans',
  ]);
  for (const preset of PRESETS) {
    const { summary, forWhom, records, leavesOut } = preset;
    for (const text of [summary, forWhom, ...records, ...leavesOut]) expect(text.length).toBeGreaterThan(10);
    for (const { why } of preset.build(PARAMETERS).rules) expect(why).toMatch(/[.)]$/);
  }
});

test('of a preset one can make two, and change one', () => {
  for (const preset of PRESETS) {
    const [one, two] = [built(preset), built(preset)];
    for (const rule of one.rules ?? []) rule.verbs?.push('x');
    expect(two).toEqual(built(preset));
  }
});
