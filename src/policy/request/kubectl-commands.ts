import {
  before,
  collection,
  EACH,
  forEach,
  podOf,
  step,
  stream,
  urlStep,
  type KubectlCommand,
  type Step,
} from './kubectl-steps.ts';
import { targetsOf, type Target } from './kubectl-targets.ts';
import { nameInSelector } from './request-path.ts';
import { UnclearRequest } from './request-spec.ts';
import { findResource } from './resource-name.ts';

type Command = (line: KubectlCommand) => Step[];

/**
 * What each command of kubectl 1.36 asks of the API server, in its order. Left out are discovery, whose answers kubectl keeps for
 * hours, and what `describe` asks for some kinds beside their events.
 */
export const COMMANDS: Readonly<Record<string, Command>> = {
  get,
  describe,
  create,
  apply,
  replace,
  delete: deleteObjects,
  edit: (line) => overTargets(line, (one) => getAndPatch(line, one)),
  patch: (line) => overTargets(line, (one) => getAndPatch(line, one)),
  label: changeMetadata,
  annotate: changeMetadata,
  taint: changeMetadata,
  set: (line) => {
    const [what = '', ...args] = line.args;
    return changeMetadata({ ...line, args: what === '' ? [] : args });
  },
  scale,
  autoscale: (line) =>
    overTargets(line, (one) => [before(line, 'get', one), step(line, 'create', collection('hpa'))]),
  expose: (line) =>
    overTargets(line, (one) => [before(line, 'get', one), step(line, 'create', collection('services'))]),
  run: (line) => [step(line, 'create', collection('pods'))],
  exec: (line) => streamed(line, line.args[0], 'exec'),
  attach: (line) => streamed(line, line.args[0], 'attach'),
  'port-forward': (line) => streamed(line, line.args[0], 'portforward'),
  cp: (line) => copy(line),
  logs,
  debug,
  auth,
  rollout,
  cordon: (line) => onNode(line, (node) => getAndPatch(line, node)),
  uncordon: (line) => onNode(line, (node) => getAndPatch(line, node)),
  drain,
  top,
  wait: (line) => overTargets(line, (one) => follow(line, one)),
  certificate: (line) => {
    const csr = collection('csr');
    return line.args
      .slice(1)
      .flatMap((name) => [
        before(line, 'get', { ...csr, name }),
        step(line, 'update', { ...csr, name }, { subresource: 'approval' }),
      ]);
  },
  version: () => [urlStep('get', '/version')],
  'api-resources': () => [urlStep('get', '/api'), urlStep('get', '/apis')],
  'api-versions': () => [urlStep('get', '/api'), urlStep('get', '/apis')],
  explain: () => [urlStep('get', '/openapi/v3')],
  'cluster-info': (line) => [step(line, 'list', collection('services', 'kube-system'))],
};

/** Those that ask nothing of an API server, or what somebody else will ask. */
export const SILENT: readonly string[] = [
  'config',
  'completion',
  'plugin',
  'kustomize',
  'options',
  'help',
  'proxy',
];

function targets(line: KubectlCommand): Target[] {
  return targetsOf(line, line.objects, line.apiGroup).map((target) => {
    const subresource = line.flags.get('subresource')?.at(-1);
    return subresource === undefined ? target : { ...target, resource: { ...target.resource, subresource } };
  });
}

function overTargets(line: KubectlCommand, steps: (one: Target) => Step[]): Step[] {
  return targets(line).flatMap((target) => forEach(line, target, steps));
}

function isOn({ flags }: KubectlCommand, flag: string): boolean {
  return flags.has(flag) && flags.get(flag)?.at(-1) !== 'false';
}

/** The request of `--raw`; undefined without it. */
function raw({ flags }: KubectlCommand, method: string): Step[] | undefined {
  const url = flags.get('raw')?.at(-1);
  if (url === undefined) return undefined;
  if (!url.startsWith('/')) throw new UnclearRequest(`--raw takes a path such as /healthz, not "${url}"`);
  return [urlStep(method, url)];
}

function get(line: KubectlCommand): Step[] {
  const url = raw(line, 'get');
  if (url !== undefined) return url;
  const isWatch = isOn(line, 'watch') || isOn(line, 'watch-only');
  const selected = nameInSelector(line.flags.get('field-selector')?.at(-1) ?? '');
  return targets(line).flatMap((target) => {
    const isCollection = target.name === '';
    // A list that a field selector narrows to one name carries it, as kube-apiserver reads the request.
    const asked = isCollection ? withName(step(line, 'list', target), selected) : step(line, 'get', target);
    const watched = withName(step(line, 'watch', target), isCollection ? selected : target.name);
    return isWatch ? [asked, watched] : [asked];
  });
}

function withName(one: Step, name: string): Step {
  return { ...one, target: { ...one.target, name } };
}

function describe(line: KubectlCommand): Step[] {
  const events = (namespace: string): Step =>
    before(line, 'list', collection('events', namespace), 'its events');
  return targets(line).flatMap((target) => {
    const one = step(line, 'get', target.name === '' ? { ...target, name: EACH } : target);
    return target.name === ''
      ? [
          step(line, 'list', target),
          { ...one, note: 'for each object of the list' },
          events(one.target.namespace),
        ]
      : [one, events(one.target.namespace)];
  });
}

/** `create -f`, and `create TYPE NAME`, in which some types have a kind of their own before the name. */
function create(line: KubectlCommand): Step[] {
  const url = raw(line, 'post');
  if (url !== undefined) return url;
  if (line.flags.has('filename')) return targets(line).map((target) => step(line, 'create', target));
  const [type, ...names] = line.args;
  if (type === undefined) throw new UnclearRequest('create what? Name a type or -f FILE');
  if (type === 'token') {
    const account = { ...collection('serviceaccounts'), name: names[0] ?? EACH };
    return [step(line, 'create', account, { subresource: 'token' })];
  }
  const word = type === 'quota' ? 'resourcequotas' : type;
  return [step(line, 'create', { ...collection(word), resource: findResource(word, line.apiGroup) })];
}

function apply(line: KubectlCommand): Step[] {
  if (['view-last-applied', 'edit-last-applied', 'set-last-applied'].includes(line.args[0] ?? ''))
    throw new UnclearRequest(`apply ${line.args[0] ?? ''} is not known here`);
  return targets(line).flatMap((one) => {
    if (isOn(line, 'server-side')) return [step(line, 'patch', one)];
    return [
      before(line, 'get', one),
      step(line, 'create', one, { note: 'when it is not there' }),
      step(line, 'patch', one, { note: 'when it is there, and differs' }),
    ];
  });
}

function replace(line: KubectlCommand): Step[] {
  const url = raw(line, 'put');
  if (url !== undefined) return url;
  return targets(line).flatMap((one) => [before(line, 'get', one), step(line, 'update', one)]);
}

function deleteObjects(line: KubectlCommand): Step[] {
  const url = raw(line, 'delete');
  if (url !== undefined) return url;
  const waits = line.flags.get('wait')?.at(-1) !== 'false';
  const note = 'while it waits until it is gone';
  return overTargets(line, (one) => [
    step(line, 'delete', one),
    ...(waits ? ['get', 'list', 'watch'].map((verb) => before(line, verb, one, note)) : []),
  ]);
}

function getAndPatch(line: KubectlCommand, one: Target): Step[] {
  return [...read(line, one), step(line, 'patch', one)];
}

/** An object that came with a list is not asked for again. */
function read(line: KubectlCommand, one: Target): Step[] {
  return one.name === EACH ? [] : [before(line, 'get', one)];
}

/** To wait for something: since kubectl 1.35 the watch brings what is there, which a list did before. */
function follow(line: KubectlCommand, one: Target): Step[] {
  return [step(line, 'get', one), before(line, 'list', one, 'older kubectl'), step(line, 'watch', one)];
}

/** label, annotate and the like: the words `key=value`, `key-` and `key=value:Effect` name no object. */
function changeMetadata(line: KubectlCommand): Step[] {
  const args = line.args.filter((arg) => !/[=]|[^/]-$/.test(arg));
  const named = { ...line, args };
  if (isOn(line, 'list'))
    return targets(named).map((one) => step(line, one.name === '' ? 'list' : 'get', one));
  return overTargets(named, (one) => getAndPatch(line, one));
}

function scale(line: KubectlCommand): Step[] {
  const isConditional = line.flags.has('current-replicas') || line.flags.has('resource-version');
  const subresource = 'scale';
  return overTargets(line, (one) => [
    ...read(line, one),
    ...(isConditional
      ? [step(line, 'get', one, { subresource, isMain: false }), step(line, 'update', one, { subresource })]
      : [step(line, 'patch', one, { subresource })]),
  ]);
}

function streamed(line: KubectlCommand, word: string | undefined, subresource: string): Step[] {
  const { pod, steps } = podOf(line, word);
  return [...steps, ...stream(line, pod, subresource)];
}

/** `cp FILE NAMESPACE/POD:FILE` or the other way round: a tar by exec. */
function copy(line: KubectlCommand): Step[] {
  const remote = line.args.find((arg) => arg.includes(':'))?.split(':')[0];
  if (remote === undefined)
    throw new UnclearRequest('cp needs a file of a pod: POD:FILE or NAMESPACE/POD:FILE');
  const slash = remote.indexOf('/');
  const namespace = slash < 0 ? undefined : remote.slice(0, slash);
  const pod = { ...collection('pods', namespace), name: remote.slice(slash + 1) };
  return [before(line, 'get', pod), ...stream(line, pod, 'exec')];
}

function logs(line: KubectlCommand): Step[] {
  const subresource = 'log';
  const [word] = line.args;
  if (word === undefined && line.flags.has('selector')) {
    const pods = collection('pods');
    return [
      before(line, 'list', pods),
      step(line, 'get', { ...pods, name: EACH }, { subresource, note: 'for each pod of the list' }),
    ];
  }
  const { pod, steps } = podOf(line, word);
  return [...steps, step(line, 'get', pod, { subresource })];
}

function debug(line: KubectlCommand): Step[] {
  const [word] = line.args;
  const createsPod = line.flags.has('copy-to') || /^(?:nodes?|no)\//.test(word ?? '');
  const { pod, steps } = podOf(line, word);
  const made = createsPod
    ? step(line, 'create', collection('pods'))
    : step(line, 'patch', pod, { subresource: 'ephemeralcontainers' });
  const attached = createsPod ? { ...pod, ...collection('pods'), name: EACH } : pod;
  return [
    ...(createsPod ? steps.slice(0, 1) : steps),
    made,
    ...(isOn(line, 'stdin') ? stream(line, attached, 'attach') : []),
  ];
}

function auth(line: KubectlCommand): Step[] {
  const [what] = line.args;
  if (what === 'whoami') return [step(line, 'create', collection('selfsubjectreviews'))];
  if (what === 'can-i')
    return [
      step(
        line,
        'create',
        collection(isOn(line, 'list') ? 'selfsubjectrulesreviews' : 'selfsubjectaccessreviews'),
      ),
    ];
  throw new UnclearRequest(`auth ${what ?? ''} is not known here: can-i and whoami are`);
}

function rollout(line: KubectlCommand): Step[] {
  const [what = '', ...args] = line.args;
  const named = { ...line, args };
  switch (what) {
    case 'restart':
    case 'pause':
    case 'resume':
      return overTargets(named, (one) => getAndPatch(line, one));
    case 'status':
      return overTargets(named, (one) => follow(line, one));
    case 'history':
      return overTargets(named, (one) => [step(line, 'get', one), before(line, 'list', revisions(one))]);
    case 'undo':
      return overTargets(named, (one) => [
        before(line, 'get', one),
        before(line, 'list', revisions(one)),
        step(line, 'patch', one),
      ]);
    default:
      throw new UnclearRequest(`rollout ${what} is not known here`);
  }
}

/** Where the earlier templates of a workload are kept. */
function revisions({ resource }: Target): Target {
  return collection(resource.resource === 'deployments' ? 'replicasets' : 'controllerrevisions');
}

function onNode(line: KubectlCommand, steps: (node: Target) => Step[]): Step[] {
  const nodes = collection('nodes');
  const names = line.args.map((arg) => arg.replace(/^(?:nodes?|no)\//, ''));
  return (names.length === 0 ? [''] : names).flatMap((name) => forEach(line, { ...nodes, name }, steps));
}

function drain(line: KubectlCommand): Step[] {
  const pods = collection('pods');
  const each = { ...pods, name: EACH };
  const note = 'for each pod of the node';
  return onNode(line, (node) => [
    ...getAndPatch(line, node),
    before({ ...line, flags: new Map([['all-namespaces', ['true']]]) }, 'list', pods),
    step(line, 'create', each, { subresource: 'eviction', note }),
    before(line, 'get', each, 'while it waits until it is gone'),
  ]);
}

function top(line: KubectlCommand): Step[] {
  const [word = '', name = ''] = line.args;
  const plain = findResource(word).resource;
  if (plain !== 'pods' && plain !== 'nodes') throw new UnclearRequest('top knows pods and nodes');
  const metrics = { word, resource: findResource(plain, 'metrics.k8s.io'), name };
  return [step(line, name === '' ? 'list' : 'get', metrics)];
}
