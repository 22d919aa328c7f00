import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readPolicySpec } from '../../../../src/policy/content.ts';
import { FALCO_DETECTIONS } from '../../../../src/policy/detections/falco.ts';
import { judgeDetections } from '../../../../src/policy/detections/judge.ts';
import { compileDetection } from '../../../../src/policy/detections/matcher.ts';
import { seeingRules, type Sight } from '../../../../src/policy/detections/sight.ts';
import { compilePolicy } from '../../../../src/policy/evaluate.ts';
import { describeWitness } from '../../../../src/policy/requests/describe.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { hostileString } from '../arbitraries/strings.ts';
import { policyOf, vocabularyOf } from '../arbitraries/policies.ts';
import { everyRequest, smallPolicy } from './every-request.ts';

const SAMPLES = join(import.meta.dirname, '../../../../examples/policies');
const sample = (name: string): AuditPolicy => {
  const { spec } = parse(readFileSync(join(SAMPLES, `${name}.yaml`), 'utf8')) as { spec: unknown };
  return readPolicySpec(spec).accepted!.policy;
};
const rules = (...list: Partial<PolicyRule>[]): AuditPolicy => ({
  rules: list.map((rule) => ({ level: 'Metadata', ...rule })),
});
const named = (name: string) => FALCO_DETECTIONS.filter((one) => one.name === name);
const unseenBy = (policy: AuditPolicy, name: string): string => {
  const [judged] = judgeDetections(policy, named(name));
  return `${judged!.sight}${judged!.unseen === undefined ? '' : ` ${describeWitness(judged!.unseen)}`}`;
};
const ofLevel = (level: string) =>
  FALCO_DETECTIONS.filter((one) => one.level === level).map(({ name }) => name);
const namesBy = (policy: AuditPolicy, sight: Sight): string[] =>
  judgeDetections(policy, FALCO_DETECTIONS)
    .filter((judged) => judged.sight === sight)
    .map(({ detection }) => detection.name);

describe('policies as they are published', () => {
  test.each(['k0rdent-minimal', 'palette-metadata'])(
    '%s: what needs no body sees all, the rest nothing',
    (name) => {
      expect(namesBy(sample(name), 'sees')).toEqual(ofLevel('Metadata'));
      expect(namesBy(sample(name), 'blind')).toEqual(ofLevel('Request'));
    },
  );

  test.each(['rke2-log-nothing', 'rke2-wrong-order'])('%s: nothing sees anything', (name) => {
    expect(namesBy(sample(name), 'blind')).toEqual(FALCO_DETECTIONS.map((one) => one.name));
  });

  test.each<[string, string, string]>([
    ['kubernetes-docs-example', 'Create Privileged Pod', 'sees'],
    ['kubernetes-docs-example', 'Create NodePort Service', 'sees'],
    ['kubernetes-docs-example', 'Attach/Exec Pod', 'sees'],
    // The first None is for one ConfigMap by name, which a create does not have.
    ['kubernetes-docs-example', 'K8s ConfigMap Created', 'sees'],
    [
      'kubernetes-docs-example',
      'K8s ConfigMap Deleted',
      'partly user=jane verb=delete configmaps namespace=default name=controller-leader → None by rules[2]',
    ],
    [
      'kubernetes-docs-example',
      'Create/Modify Configmap With Private Credentials',
      'partly user=jane verb=create configmaps namespace=default → Metadata by rules[6]',
    ],
    [
      'kubernetes-docs-example',
      'Attach to cluster-admin Role',
      'blind user=jane verb=create clusterrolebindings.rbac.authorization.k8s.io → Metadata by rules[8]',
    ],
    ['sysdig-first-example', 'Create HostNetwork Pod', 'sees'],
    [
      'sysdig-first-example',
      'Create NodePort Service',
      'blind user=jane verb=create services namespace=default → Metadata by rules[6]',
    ],
    [
      'sysdig-anonymous-corrected',
      'Create Privileged Pod',
      'partly user=jane verb=create pods namespace=default → None as no rule matches',
    ],
    [
      'sysdig-anonymous-corrected',
      'K8s Deployment Created',
      'blind user=jane verb=create deployments.apps namespace=default → None as no rule matches',
    ],
    [
      'sysdig-anonymous-corrected',
      'Disallowed K8s User',
      'blind user=jane verb=get pods namespace=default name=example → None as no rule matches',
    ],
    ['rke2-secrets-metadata-first', 'K8s Secret Get Unsuccessfully Tried', 'sees'],
    [
      'rke2-secrets-metadata-first',
      'K8s Deployment Deleted',
      'partly user=jane verb=delete deployments.apps namespace=default name=example → None by rules[2]',
    ],
    [
      'k0rdent-full-example',
      'Create Privileged Pod',
      'blind user=jane verb=create pods namespace=default → Metadata by rules[15]',
    ],
    ['k0rdent-full-example', 'ClusterRole With Wildcard Created', 'sees'],
    ['gke-configure-helper', 'Create Privileged Pod', 'sees'],
    ['gke-configure-helper', 'Ingress Object without TLS Certificate Created', 'sees'],
    [
      'gke-configure-helper',
      'Create/Modify Configmap With Private Credentials',
      'blind user=jane verb=create configmaps namespace=default → Metadata by rules[13]',
    ],
    [
      'cis-benchmark-style',
      'Ingress Object without TLS Certificate Created',
      'blind user=jane verb=create ingresses.networking.k8s.io namespace=default → Metadata by rules[4]',
    ],
    ['cis-benchmark-style', 'Attach to cluster-admin Role', 'sees'],
    [
      'cis-benchmark-style',
      'Anonymous Request Allowed',
      // /healthz itself is no request that the rule looks at.
      'partly user=system:anonymous verb=get /metrics → None by rules[3]',
    ],
    ['openshift-like-write-request-bodies', 'Create Privileged Pod', 'sees'],
  ])('%s, %s: %s', (name, detection, expected) => {
    expect(unseenBy(sample(name), detection)).toBe(expected);
  });
});

test.each<[string, AuditPolicy, string, string]>([
  [
    'no rules',
    {},
    'port-forward',
    'blind user=jane verb=create pods/portforward namespace=default name=example → None as no rule matches',
  ],
  [
    'its stage is omitted',
    { ...rules({}), omitStages: ['ResponseStarted'] },
    'Attach/Exec Pod',
    'blind user=jane verb=create pods/exec namespace=default name=example → Metadata by rules[0]',
  ],
  [
    'its stage is omitted by a rule',
    rules({ users: ['alice'], omitStages: ['ResponseComplete'] }, {}),
    'K8s Service Created',
    'partly user=alice verb=create services namespace=default → Metadata by rules[0]',
  ],
  [
    'one of its stages is left',
    { ...rules({}), omitStages: ['ResponseComplete', 'RequestReceived'] },
    'port-forward',
    'sees',
  ],
  [
    'a name that no create has',
    rules({ level: 'None', resources: [{ resources: ['nodes'], resourceNames: ['a'] }] }, {}),
    'Untrusted Node Successfully Joined the Cluster',
    'sees',
  ],
  [
    'cluster scope, in which there are no pods',
    rules({ level: 'None', namespaces: [''] }, { level: 'Request' }),
    'Create HostIPC Pod',
    'sees',
  ],
  [
    'a user whom it does not look at',
    rules({ level: 'None', users: ['admin', 'system:admin'] }, {}),
    'Disallowed K8s User',
    'sees',
  ],
  [
    'the anonymous user is in no other group',
    rules({ userGroups: ['system:authenticated', 'dev'] }),
    'Anonymous Request Allowed',
    'blind user=system:anonymous verb=get pods namespace=default name=example → None as no rule matches',
  ],
  [
    'and nobody is in his',
    rules({ level: 'None', userGroups: ['system:unauthenticated'] }, {}),
    'K8s Secret Created',
    'sees',
  ],
  [
    'nor an admin',
    rules({ level: 'None', userGroups: ['system:unauthenticated'] }, {}),
    'Full K8s Administrative Access',
    'sees',
  ],
  [
    'a failed login is an attempt',
    rules({ userGroups: ['system:authenticated', 'system:unauthenticated'] }),
    'Attach/Exec Pod',
    'partly no user (401) verb=create pods/exec namespace=default name=example → None as no rule matches',
  ],
  [
    'of which there is the stage ResponseStarted only',
    { ...rules({}), omitStages: ['ResponseStarted'] },
    'port-forward',
    'partly no user (401) verb=create pods/portforward namespace=default name=example → Metadata by rules[0]',
  ],
  [
    'so that others never see one',
    rules({ userGroups: ['system:authenticated', 'system:unauthenticated'] }),
    'K8s Secret Get Unsuccessfully Tried',
    'sees',
  ],
  [
    'system roles by name',
    rules(
      {
        level: 'None',
        resources: [{ group: '*', resources: ['clusterroles'], resourceNames: ['system:node', 'edit'] }],
      },
      {},
    ),
    'System ClusterRole Modified/Deleted',
    'partly user=jane verb=update clusterroles.rbac.authorization.k8s.io name=system:node → None by rules[0]',
  ],
  [
    'a role that it does not look at',
    rules(
      {
        level: 'None',
        resources: [{ group: '*', resources: ['clusterroles'], resourceNames: ['system:coredns', 'edit'] }],
      },
      {},
    ),
    'System ClusterRole Modified/Deleted',
    'sees',
  ],
  [
    'a namespace by name lies in itself',
    rules({ level: 'None', namespaces: ['scratch'] }, {}),
    'K8s Namespace Deleted',
    'partly user=jane verb=delete namespaces namespace=scratch name=scratch → None by rules[0]',
  ],
  [
    'health checks of anybody',
    rules({ level: 'None', nonResourceURLs: ['/healthz', '/livez', '/readyz'] }, {}),
    'Anonymous Request Allowed',
    'sees',
  ],
])('%s', (_, policy, name, expected) => {
  expect(unseenBy(policy, name)).toBe(expected);
});

test('agrees with trying every request', () => {
  const all = everyRequest();
  // Of these detections there is something to try for each of their asks.
  const tried = FALCO_DETECTIONS.filter((one) =>
    one.asks.every((ask) => all.some(compileDetection({ ...one, asks: [ask] }))),
  ).map((detection) => [detection, all.filter(compileDetection(detection))] as const);
  expect(tried.length).toBeGreaterThan(20);
  fc.assert(
    fc.property(smallPolicy, (policy) => {
      const decide = compilePolicy(policy);
      const decided = new Map(all.map((one) => [one, decide(one).rule]));
      const judged = new Map(judgeDetections(policy, FALCO_DETECTIONS).map((one) => [one.detection, one]));
      for (const [detection, requests] of tried) {
        const isSeeing = seeingRules(policy, detection);
        const seen = requests.filter((one) => isSeeing(decided.get(one)!, one.user === null)).length;
        const expected = seen === requests.length ? 'sees' : seen === 0 ? 'blind' : 'partly';
        expect([detection.name, judged.get(detection)?.sight]).toEqual([detection.name, expected]);
      }
    }),
    { numRuns: 60 },
  );
});

test('what is not seen is shown by a request that the detection looks at and the policy decides so', () => {
  fc.assert(
    fc.property(smallPolicy, (policy) => {
      const decide = compilePolicy(policy);
      for (const { detection, sight, unseen } of judgeDetections(policy, FALCO_DETECTIONS)) {
        expect(unseen === undefined).toBe(sight === 'sees');
        if (unseen === undefined) continue;
        const { rule, level, request } = unseen;
        expect(compileDetection(detection)(request)).toBe(true);
        expect(decide(request)).toMatchObject({ rule, level });
        expect(seeingRules(policy, detection)(rule, request.user === null)).toBe(false);
        const isAnonymous = request.user === 'system:anonymous';
        const isIn = (group: string) => request.groups.includes(group);
        expect([isIn('system:authenticated'), isIn('system:unauthenticated')]).toEqual(
          request.user === null ? [false, false] : [!isAnonymous, isAnonymous],
        );
      }
    }),
    { numRuns: 200 },
  );
});

test('is total, whatever the strings', () => {
  fc.assert(
    fc.property(policyOf(vocabularyOf(hostileString)), (policy) => {
      expect(judgeDetections(policy, FALCO_DETECTIONS)).toHaveLength(FALCO_DETECTIONS.length);
    }),
    { numRuns: 100 },
  );
});
