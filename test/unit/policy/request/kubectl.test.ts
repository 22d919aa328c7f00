import fc from 'fast-check';
import { COMMANDS } from '../../../../src/policy/request/kubectl-commands.ts';
import { kubectlRequests } from '../../../../src/policy/request/kubectl.ts';
import type { ManifestObject } from '../../../../src/policy/request/kubectl-targets.ts';
import { UnclearRequest } from '../../../../src/policy/request/request-spec.ts';
import { shellWords } from '../../../../src/policy/request/shell-words.ts';

const OBJECTS: ManifestObject[] = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'cm1' }];

/** Each step as `verb resource[/sub][.group] namespace name`, `-` for none; `?` behind what is not the command's own purpose. */
function steps(line: string, objects?: readonly ManifestObject[]): string[] {
  return kubectlRequests(shellWords(line), objects).steps.map(({ target, isMain }) => {
    const { verb, resource, subresource, apiGroup, namespace, name, path } = target;
    const main = isMain ? '' : ' ?';
    if (!target.isResourceRequest) return `${verb} ${path}${main}`;
    const what = `${resource}${subresource && `/${subresource}`}${apiGroup && `.${apiGroup}`}`;
    return `${verb} ${what} ${namespace || '-'} ${name || '-'}${main}`;
  });
}

/** kubectl 1.36.3 sent these to a kube-apiserver 1.36.3, in this order, as its audit log tells. */
const SEEN: [line: string, requests: string[]][] = [
  ['kubectl get pods', ['list pods default -']],
  ['kubectl get pods -A', ['list pods - -']],
  ['kubectl get pod web', ['get pods default web']],
  ['kubectl get pods --field-selector metadata.name=web', ['list pods default web']],
  ['kubectl get pod web -w', ['get pods default web', 'watch pods default web']],
  ['kubectl get pods -w', ['list pods default -', 'watch pods default -']],
  ['kubectl get ns default', ['get namespaces default default']],
  ['kubectl get crd', ['list customresourcedefinitions.apiextensions.k8s.io - -']],
  ['kubectl get deploy web --subresource=scale', ['get deployments/scale.apps default web']],
  ['kubectl get pods,svc', ['list pods default -', 'list services default -']],
  ['kubectl get pod/web svc/web', ['get pods default web', 'get services default web']],
  ['kubectl get --raw /healthz', ['get /healthz']],
  ['kubectl get --raw /api/v1/namespaces/default/pods/web', ['get pods default web']],
  [
    'kubectl get all -n prod',
    [
      ...['pods', 'replicationcontrollers', 'services'],
      ...['daemonsets.apps', 'deployments.apps', 'replicasets.apps', 'statefulsets.apps'],
      ...['horizontalpodautoscalers.autoscaling', 'cronjobs.batch', 'jobs.batch'],
    ].map((resource) => `list ${resource} prod -`),
  ],
  ['kubectl logs web', ['get pods default web ?', 'get pods/log default web']],
  ['kubectl logs -f web', ['get pods default web ?', 'get pods/log default web']],
  [
    'kubectl exec web -- true',
    ['get pods default web ?', 'get pods/exec default web', 'create pods/exec default web'],
  ],
  [
    'kubectl attach web',
    ['get pods default web ?', 'get pods/attach default web', 'create pods/attach default web'],
  ],
  [
    'kubectl cp /tmp/x default/web:/tmp/x',
    ['get pods default web ?', 'get pods/exec default web', 'create pods/exec default web'],
  ],
  ['kubectl label pod web a=b', ['get pods default web ?', 'patch pods default web']],
  ['kubectl annotate pod web a=b', ['get pods default web ?', 'patch pods default web']],
  ['kubectl label pods --all c=d', ['list pods default - ?', 'patch pods default NAME']],
  ['kubectl edit pod web', ['get pods default web ?', 'patch pods default web']],
  [
    'kubectl patch deployment web -p "{}"',
    ['get deployments.apps default web ?', 'patch deployments.apps default web'],
  ],
  [
    'kubectl scale deployment web --replicas=2',
    ['get deployments.apps default web ?', 'patch deployments/scale.apps default web'],
  ],
  [
    'kubectl scale deployment web --replicas=3 --current-replicas=2',
    [
      'get deployments.apps default web ?',
      'get deployments/scale.apps default web ?',
      'update deployments/scale.apps default web',
    ],
  ],
  [
    'kubectl autoscale deployment web --max=3',
    ['get deployments.apps default web ?', 'create horizontalpodautoscalers.autoscaling default -'],
  ],
  [
    'kubectl expose deployment web --port=80 --name=web2',
    ['get deployments.apps default web ?', 'create services default -'],
  ],
  [
    'kubectl set image deployment/web nginx=nginx:2',
    ['get deployments.apps default web ?', 'patch deployments.apps default web'],
  ],
  ...['restart', 'pause', 'resume'].map((what): [string, string[]] => [
    `kubectl rollout ${what} deployment/web`,
    ['get deployments.apps default web ?', 'patch deployments.apps default web'],
  ]),
  ['kubectl auth can-i get pods', ['create selfsubjectaccessreviews.authorization.k8s.io - -']],
  ['kubectl auth can-i --list', ['create selfsubjectrulesreviews.authorization.k8s.io - -']],
  ['kubectl auth whoami', ['create selfsubjectreviews.authentication.k8s.io - -']],
  ['kubectl create token default', ['create serviceaccounts/token default default']],
  ['kubectl create namespace x', ['create namespaces - -']],
  ['kubectl create secret generic s --from-literal=a=b', ['create secrets default -']],
  ['kubectl create role r --verb=get --resource=pods', ['create roles.rbac.authorization.k8s.io default -']],
  ['kubectl create -f cm.yaml', ['create configmaps default -']],
  ['kubectl replace -f cm.yaml', ['get configmaps default cm1 ?', 'update configmaps default cm1']],
  ['kubectl delete configmap c --wait=false', ['delete configmaps default c']],
  ['kubectl delete ns x --wait=false', ['delete namespaces x x']],
  ['kubectl cordon n1', ['get nodes - n1 ?', 'patch nodes - n1']],
  ['kubectl taint node n1 a=b:NoSchedule', ['get nodes - n1 ?', 'patch nodes - n1']],
  [
    'kubectl debug web --image=busybox',
    ['get pods default web ?', 'patch pods/ephemeralcontainers default web'],
  ],
  ['kubectl debug node/n1 --image=busybox', ['get nodes - n1 ?', 'create pods default -']],
  ['kubectl run web --image=nginx', ['create pods default -']],
  ['kubectl cluster-info', ['list services kube-system -']],
];

test.each(SEEN)('as a real kubectl: %s', (line, requests) => {
  expect(steps(line, line.includes(' -f cm.yaml') ? OBJECTS : undefined)).toEqual(requests);
});

test.each<[string, string[]]>([
  // What depends on what is there, or on the age of kubectl, is all told.
  [
    'kubectl apply -f cm.yaml',
    ['get configmaps default cm1 ?', 'create configmaps default -', 'patch configmaps default cm1'],
  ],
  ['kubectl apply --server-side -f cm.yaml', ['patch configmaps default cm1']],
  [
    'kubectl delete secret s -n prod',
    ['delete secrets prod s', 'get secrets prod s ?', 'list secrets prod s ?', 'watch secrets prod s ?'],
  ],
  ['kubectl delete pods --all --wait=false', ['list pods default - ?', 'delete pods default NAME']],
  ['kubectl describe pod web', ['get pods default web', 'list events default - ?']],
  [
    'kubectl exec -it deploy/web -c main -- sh',
    [
      'get deployments.apps default web ?',
      'list pods default - ?',
      'get pods/exec default NAME',
      'create pods/exec default NAME',
    ],
  ],
  [
    'kubectl port-forward svc/web 8080:80',
    [
      'get services default web ?',
      'list pods default - ?',
      'get pods/portforward default NAME',
      'create pods/portforward default NAME',
    ],
  ],
  [
    'kubectl rollout status deployment/web',
    [
      'get deployments.apps default web',
      'list deployments.apps default web ?',
      'watch deployments.apps default web',
    ],
  ],
  [
    'kubectl drain n1',
    [
      'get nodes - n1 ?',
      'patch nodes - n1',
      'list pods - - ?',
      'create pods/eviction default NAME',
      'get pods default NAME ?',
    ],
  ],
  ['kubectl top pods', ['list pods.metrics.k8s.io default -']],
  [
    'kubectl certificate approve x',
    [
      'get certificatesigningrequests.certificates.k8s.io - x ?',
      'update certificatesigningrequests/approval.certificates.k8s.io - x',
    ],
  ],
  ['kubectl get widgets.example.com -nprod', ['list widgets.example.com prod -']],
  ['get po', ['list pods default -']],
  ['kubectl apply -f cm.yaml --dry-run=client', ['get configmaps default cm1 ?']],
])('%s', (line, requests) => {
  expect(steps(line, line.includes(' -f cm.yaml') ? OBJECTS : undefined)).toEqual(requests);
});

test('objects of a file: a namespace of their own, a kind that is not in the table', () => {
  const objects = [
    { apiVersion: 'example.com/v1', kind: 'Policy', name: 'p', namespace: 'a' },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: 'r' },
  ];
  expect(steps('kubectl apply --server-side -n b -f x.yaml', objects)).toEqual([
    'patch policies.example.com a p',
    'patch clusterroles.rbac.authorization.k8s.io - r',
  ]);
});

test.each<[string, string[]]>([
  [
    'kubectl get pods --as=root',
    ['rules see the user who authenticates, not the one of --as: say who that is with --user'],
  ],
  [
    'kubectl get widgets',
    [
      '"widgets" is not among the built-in APIs: taken as it is written, in the core group; --api-group says another',
    ],
  ],
  ['kubectl get pods', []],
])('notes on %s', (line, notes) => {
  expect(kubectlRequests(shellWords(line)).notes).toEqual(notes);
});

test('the group of a resource that the table does not have can be said', () => {
  const { steps: found } = kubectlRequests(['get', 'widgets'], undefined, 'example.com');
  expect(found.map(({ target }) => target.apiGroup)).toEqual(['example.com']);
});

test.each([
  ['', 'give a kubectl command'],
  ['kubectl', 'give a kubectl command'],
  ['kubectl gett pods', 'kubectl gett is not known here; did you mean "get"?'],
  ['kubectl constructor', 'kubectl constructor is not known here'],
  ['kubectl config view', 'kubectl config sends no request of its own'],
  ['kubectl get', 'name a resource, such as pods or deployment/web'],
  ['kubectl get pod/web db', 'either all are TYPE/NAME or none is: "pod/web"'],
  ['kubectl get pod/', '"pod/" is not TYPE/NAME'],
  ['kubectl delete pods', 'name one of the pods, or say --all or -l'],
  ['kubectl get pods --frobnicate x', 'the flag --frobnicate is not known here'],
  ['kubectl get pods -z', 'the flag -z is not known here'],
  ['kubectl get pods -n', 'the flag -n lacks its value'],
  ['kubectl apply -f x.yaml', 'what the files hold is not known here'],
  ['kubectl exec', 'name a pod'],
  ['kubectl cp a b', 'cp needs a file of a pod'],
  ['kubectl auth reconcile', 'auth reconcile is not known here'],
  ['kubectl rollout frob x', 'rollout frob is not known here'],
  ['kubectl top secrets', 'top knows pods and nodes'],
  ['kubectl run web --image=x --dry-run=client', 'kubectl run sends no request'],
  ['kubectl get pods | grep x', 'a command line holds |, which a shell would act on'],
  ['kubectl get pods "x', 'a quoted text of the command line is not closed'],
])('%s: unclear', (line, message) => {
  const ask = (): unknown => steps(line);
  expect(ask).toThrow(UnclearRequest);
  expect(ask).toThrow(message);
});

test.each<[string, string[]]>([
  ['  a  b\tc ', ['a', 'b', 'c']],
  [`a 'b c' "d e" f"g"h`, ['a', 'b c', 'd e', 'fgh']],
  [`'' ""`, ['', '']],
  [`a\\ b "c\\"d" 'e\\f'`, ['a b', 'c"d', 'e\\f']],
  [`"a | b" '$(x)' "(ok)"`, ['a | b', '$(x)', '(ok)']],
])('the words of %s', (line, words) => {
  expect(shellWords(line)).toEqual(words);
});

test('whatever words a line has: requests with a verb and a resource or a URL, or a word on what is unclear', () => {
  const WORDS = [
    'pods',
    'web',
    'pod/web',
    'svc/a',
    '-n',
    'prod',
    '-A',
    '--all',
    '-l',
    'a=b',
    '-f',
    '-it',
    '--',
    '--raw',
    '/api/v1/pods',
  ];
  const word = fc.oneof(
    fc.constantFrom(
      ...WORDS,
      ...Object.keys(COMMANDS),
      'node',
      'status',
      'undo',
      'token',
      'a:b',
      '__proto__',
      'constructor',
      '',
      '-',
      '/',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const line = fc.tuple(fc.constantFrom(...Object.keys(COMMANDS)), fc.array(word, { maxLength: 6 }));
  fc.assert(
    fc.property(line, ([command, words]) => {
      const found = attempt(() => kubectlRequests([command, ...words], OBJECTS));
      for (const { target } of found?.steps ?? []) {
        expect(target.verb).not.toBe('');
        expect(target.path.startsWith('/')).toBe(true);
        expect(target.isResourceRequest || target.resource === '').toBe(true);
      }
      expect(found?.steps).not.toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof UnclearRequest) return undefined;
    throw error;
  }
}
