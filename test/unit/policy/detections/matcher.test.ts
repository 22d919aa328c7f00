import fc from 'fast-check';
import { compileDetection, matchesDetection } from '../../../../src/policy/detections/matcher.ts';
import { FALCO_DETECTIONS } from '../../../../src/policy/detections/falco.ts';
import { questionsOf, wordsOf } from '../../../../src/policy/detections/patterns.ts';
import { viewKey, viewOf } from '../../../../src/policy/detections/view.ts';
import { compileRule } from '../../../../src/policy/evaluate-rule.ts';
import { compilePolicy, type RequestAttributes } from '../../../../src/policy/evaluate.ts';
import { everyRequest, smallPolicy } from './every-request.ts';

const POD: RequestAttributes = {
  user: 'alice',
  groups: ['system:authenticated'],
  verb: 'create',
  namespace: 'prod',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: '',
  path: '/api/v1/namespaces/prod/pods',
  isResourceRequest: true,
};
const ROLE = {
  apiGroup: 'rbac.authorization.k8s.io',
  resource: 'clusterroles',
  namespace: '',
  name: 'system:node',
  verb: 'patch',
};
const URL_OF = (path: string) => ({
  isResourceRequest: false,
  path,
  resource: '',
  namespace: '',
  verb: 'get',
  user: 'system:anonymous',
});

test.each<[string, Partial<RequestAttributes>, boolean]>([
  ['Create Privileged Pod', {}, true],
  ['Create Privileged Pod', { verb: 'update', name: 'web' }, false],
  ['Create Privileged Pod', { subresource: 'binding', name: 'web' }, false],
  ['Create Privileged Pod', { apiGroup: 'metrics.k8s.io' }, false],
  ['Create Privileged Pod', { user: null, groups: [] }, false],
  ['Pod Created in Kube Namespace', {}, false],
  ['Pod Created in Kube Namespace', { namespace: 'kube-public' }, true],
  ['Attach/Exec Pod', { subresource: 'attach', name: 'web', verb: 'get' }, true],
  ['Attach/Exec Pod', { subresource: 'log', name: 'web', verb: 'get' }, false],
  ['Disallowed K8s User', {}, true],
  ['Disallowed K8s User', { user: 'kubelet' }, false],
  ['Disallowed K8s User', { user: 'system:node:a' }, false],
  ['Disallowed K8s User', { ...URL_OF('/metrics'), user: 'bob' }, true],
  ['Anonymous Request Allowed', URL_OF('/metrics'), true],
  ['Anonymous Request Allowed', URL_OF('/livez'), false],
  ['Anonymous Request Allowed', URL_OF('/livez/ping'), true],
  ['Anonymous Request Allowed', { user: 'system:anonymous' }, true],
  ['System ClusterRole Modified/Deleted', ROLE, true],
  ['System ClusterRole Modified/Deleted', { ...ROLE, name: 'edit' }, false],
  ['System ClusterRole Modified/Deleted', { ...ROLE, name: 'system:coredns' }, false],
  ['System ClusterRole Modified/Deleted', { ...ROLE, verb: 'create', name: '' }, true],
  ['K8s Secret Deleted', { resource: 'secrets', verb: 'delete', name: 'a' }, true],
  ['K8s Secret Deleted', { resource: 'secrets', verb: 'delete', name: 'a', namespace: 'kube-system' }, false],
  ['K8s Secret Deleted', { resource: 'secrets', verb: 'deletecollection' }, false],
  ['K8s Secret Get Unsuccessfully Tried', { resource: 'secrets', verb: 'get', name: 'a', user: null }, false],
  ['port-forward', { subresource: 'portforward', verb: 'get', name: 'a', user: null }, true],
  ['K8s Secret Get Successfully', { resource: 'secrets', verb: 'get', name: 'a', user: null }, false],
  ['K8s Namespace Deleted', { resource: 'namespaces', verb: 'delete', name: 'prod' }, true],
  ['K8s Namespace Created', { resource: 'namespaces', namespace: '' }, true],
  ['Full K8s Administrative Access', { user: 'minikube-user' }, true],
  ['All K8s Audit Events', { user: null }, false],
  ['All K8s Audit Events', {}, true],
])('%s looks at %j: %j', (name, change, expected) => {
  const detection = FALCO_DETECTIONS.find((one) => one.name === name);
  expect(detection && matchesDetection(detection, { ...POD, ...change })).toBe(expected);
});

test('a request matches just when it is one of the patterns that a policy is asked about', () => {
  const all = everyRequest();
  const compiled = FALCO_DETECTIONS.map((detection) => [detection, compileDetection(detection)] as const);
  const sample = fc.array(fc.constantFrom(...all), { minLength: 100, maxLength: 100 });
  // With every text named, none stands for others.
  const named = {
    rules: [
      {
        level: 'None',
        users: all.flatMap(({ user }) => user ?? []),
        namespaces: all.map(({ namespace }) => namespace),
        resources: [{ resourceNames: all.map(({ name }) => name) }],
      },
    ],
  };
  const ofNamed = wordsOf([named]);
  fc.assert(
    fc.property(smallPolicy, sample, (policy, requests) => {
      const words = { ...ofNamed, groups: wordsOf([policy]).groups };
      for (const [detection, matches] of compiled) {
        const questions = questionsOf(detection, words);
        const views = new Map(
          [...Map.groupBy(questions, viewKey)].map(([key, some]) => {
            const view = viewOf(policy, some, words);
            return [key, { view, decide: compilePolicy(view.policy) }];
          }),
        );
        const wrong = requests.filter((request) => {
          const isAsked = questions.some((question) => {
            const { view, decide } = views.get(viewKey(question))!;
            const isExcepted = view.rules.get(decide(request).rule) === undefined;
            const isOfIt = compileRule({ level: '', ...question.pattern })(request);
            return isOfIt && !isExcepted && (request.user === null) === question.isOfNobody;
          });
          return isAsked !== matches(request);
        });
        expect([detection.name, wrong]).toEqual([detection.name, []]);
      }
    }),
    { numRuns: 60 },
  );
});
