import { readPolicyFile } from '../../src/policy/content.ts';
import { lintPolicy } from '../../src/policy/lint/lint.ts';
import type { RequestAttributes } from '../../src/policy/evaluate.ts';
import type { Level } from '../../src/policy/types.ts';
import type { PolicyText } from '../../src/report/report-of.ts';
import type { Cell, Count, PolicyResult, RuleResult, Simulation } from '../../src/simulate/result.ts';

/** A simulation written by hand: a day of a middling cluster under the policy that recorded it and a leaner one. */

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 23, 6, 0);
const BUCKETS = 96;
const BUCKET_MS = HOUR_MS / 4;

const NOW_TEXT = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  # The noise of the control plane itself.
  - level: None
    users: ["system:kube-scheduler", "system:kube-proxy", "system:apiserver"]
    verbs: [get, list, watch]
  - level: None
    nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version"]
  # Who may do what: with what was written, and what came of it.
  - level: RequestResponse
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - group: rbac.authorization.k8s.io
  - level: Metadata
    resources:
      - group: ""
        resources: [secrets, configmaps, serviceaccounts/token]
      - group: authentication.k8s.io
        resources: [tokenreviews]
  - level: Request
    verbs: [create, update, patch, delete, deletecollection]
  - level: Metadata
`;

const NEXT_TEXT = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  # Controllers renew their leases every two seconds.
  - level: None
    resources:
      - group: coordination.k8s.io
        resources: [leases]
  - level: None
    userGroups: ["system:nodes", "system:serviceaccounts:kube-system"]
    verbs: [get, list, watch]
  - level: RequestResponse
    verbs: [create, update, patch, delete, deletecollection]
    resources:
      - group: rbac.authorization.k8s.io
      - group: ""
        resources: [pods, services, namespaces]
  - level: Metadata
    resources:
      - group: ""
        resources: [secrets, configmaps]
  - level: None
    verbs: [get, list, watch]
  # Left over from the old cluster.
  - level: Request
    resources:
      - group: extensions
        resources: [ingresses]
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection]
`;

/** Names as a client may send them. */
export const HOSTILE_NAMES: readonly string[] = [
  '<img src=x onerror="window.hurt=1">',
  '</script><script>window.hurt=1</script>',
  '<!--<script>',
  '"><svg onload=window.hurt=1>',
  "' onfocus='window.hurt=1' autofocus='",
  '</style><style>*{display:none}</style>',
  '&lt;b&gt;&#60;i&#62;',
  'javascript:window.hurt=1',
  '${window.hurt=1}`',
  'line\u2028separator\u2029and\u0000nul\r\nfeed',
  'right\u202eto left',
  'https://tracker.example/pixel.gif',
  '@import url(//tracker.example/x.css);',
  'a'.repeat(5000),
  '\ud800lone',
  '',
];

export function simulation(): Simulation {
  return {
    log: {
      files: ['audit/audit-2026-11-23T18-00-00.000.log.gz', 'audit/audit.log'],
      bytes: 1_914_220_118,
      recorded: { events: 1_287_411, bytes: 1_911_034_902 },
      duplicates: 2_204,
      foreign: 3,
      problems: {
        count: 2,
        first: [
          { file: 'audit/audit.log', line: 88_121, message: 'the line ends within a string' },
          { file: 'audit/audit.log', line: 412_007, message: 'no JSON begins here' },
        ],
      },
      fromMs: START_MS,
      toMs: START_MS + 24 * HOUR_MS,
      covered: 0.97,
      stages: { ResponseComplete: 1_262_090, ResponseStarted: 25_318, Panic: 3 },
      levels: { Metadata: 1_046_882, Request: 231_508, RequestResponse: 9_021 },
      ambiguous: 14,
      truncated: 6,
      recordedWith: { title: 'policies/now.yaml', disagreeing: 0 },
    },
    policies: [now(), next()],
    comparisons: [
      {
        from: 0,
        to: 1,
        lost: 702_377,
        gained: 0,
        lessBody: 201_442,
        moreBody: 12_951,
        changes: [
          {
            kind: 'lost',
            verb: 'get',
            resource: 'pods/exec',
            requests: 38,
            before: { rule: 5, level: 'Metadata' },
            after: { rule: 4, level: 'None' },
            example: request('jane', 'get', 'pods', {
              subresource: 'exec',
              namespace: 'prod',
              name: 'web-0',
            }),
          },
          {
            kind: 'lost',
            verb: 'list',
            resource: 'pods',
            requests: 402_118,
            before: { rule: 5, level: 'Metadata' },
            after: { rule: 1, level: 'None' },
            example: request('system:node:worker-3', 'list', 'pods', { groups: ['system:nodes'] }),
          },
          {
            kind: 'lost',
            verb: 'update',
            resource: 'leases.coordination.k8s.io',
            requests: 300_221,
            before: { rule: 4, level: 'Request' },
            after: { rule: 0, level: 'None' },
            example: request('system:kube-controller-manager', 'update', 'leases', {
              apiGroup: 'coordination.k8s.io',
              namespace: 'kube-system',
              name: 'kube-controller-manager',
            }),
          },
          {
            kind: 'less-body',
            verb: 'patch',
            resource: 'deployments.apps',
            requests: 201_442,
            before: { rule: 4, level: 'Request' },
            after: { rule: 6, level: 'Metadata' },
            example: request('deployer', 'patch', 'deployments', {
              apiGroup: 'apps',
              namespace: 'prod',
              name: 'web',
            }),
          },
          {
            kind: 'more-body',
            verb: 'create',
            resource: 'pods',
            requests: 12_951,
            before: { rule: 4, level: 'Request' },
            after: { rule: 2, level: 'RequestResponse' },
            example: request('system:serviceaccount:kube-system:replicaset-controller', 'create', 'pods', {
              namespace: 'prod',
            }),
          },
        ],
        detections: [
          {
            name: 'Attach/Exec Pod',
            before: 'sees',
            after: 'blind',
            witness: 'exec over WebSockets: user=jane verb=get pods/exec namespace=prod name=web-0',
            requestsBefore: 38,
            requestsAfter: 0,
          },
          {
            name: 'EphemeralContainers Created',
            before: 'sees',
            after: 'partly',
            witness: 'user=jane verb=patch pods/ephemeralcontainers namespace=prod name=web-0',
            requestsBefore: 2,
            requestsAfter: 2,
          },
          {
            name: 'Create Privileged Pod',
            before: 'partly',
            after: 'sees',
            requestsBefore: 4,
            requestsAfter: 4,
          },
          {
            name: 'Untrusted Node Successfully Joined',
            before: 'sees',
            after: 'undecided',
            requestsBefore: 0,
            requestsAfter: 0,
          },
        ],
      },
    ],
  };
}

/** The policies of it, read and linted as the program does. */
export function policyTexts(): PolicyText[] {
  return [NOW_TEXT, NEXT_TEXT].map((text) => {
    const content = readPolicyFile(text);
    const rules = content.accepted?.policy.rules ?? [];
    const { findings, undecided } = lintPolicy(content);
    return {
      text,
      ruleLines: rules.map((_, rule) => content.locate?.(['rules', rule], 'value')?.line),
      findings,
      undecided,
    };
  });
}

/** Every name, title and message of it is hostile, and differs from the others. */
export function hostileSimulation(): Simulation {
  return renamed((count) => `${HOSTILE_NAMES[count % HOSTILE_NAMES.length] ?? ''}${count}`);
}

/** What says the same without names. */
const WORDS = new Set(['kind', 'level', 'before', 'after', 'reason']);

/** The simulation with other names, each counted. */
export function renamed(nameOf: (count: number) => string): Simulation {
  let count = 0;
  const next = (): string => nameOf((count += 1));
  const anew = (key: string, value: unknown): unknown => {
    if (typeof value === 'string') return WORDS.has(key) ? value : next();
    if (Array.isArray(value)) return value.map((one) => anew(key, one));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, anew(name, one)]));
    return value;
  };
  const { log, ...rest } = anew('', simulation()) as Simulation;
  const counts = (): Record<string, number> =>
    Object.fromEntries(HOSTILE_NAMES.map((_, at) => [next(), at + 1]));
  return { ...rest, log: { ...log, stages: counts(), levels: counts() } };
}

function now(): PolicyResult {
  return policyResult(
    'policies/now.yaml',
    9.4,
    [
      rule(0, 'None', 6, [0, 0], { isDead: true }),
      rule(1, 'None', 9, [0, 0], { isDead: true }),
      rule(2, 'RequestResponse', 12, [9_021, 74_318_220]),
      rule(3, 'Metadata', 16, [212_404, 233_644_018]),
      rule(4, 'Request', 22, [231_508, 862_118_404]),
      rule(5, 'Metadata', 24, [834_478, 740_954_260]),
      rule(-1, 'None', undefined, [0, 0], { isDead: true }),
    ],
    0,
  );
}

function next(): PolicyResult {
  const bodies =
    'The policy that recorded the log writes Request here, and this rule writes RequestResponse: the response bodies are not in the log, and for 214 requests there is nothing like them to judge by.';
  return policyResult(
    'policies/next.yaml',
    31.2,
    [
      rule(0, 'None', 6, [0, 0], { seen: [300_221, 604_208_118] }),
      rule(1, 'None', 10, [0, 0], { seen: [402_118, 361_906_200] }),
      rule(2, 'RequestResponse', 13, [21_972, 118_204_551], {
        estimated: { events: 0, bytes: 61_220_400, lowBytes: 52_004_100, highBytes: 70_981_000 },
        unknown: [{ reason: 'bodies', message: bodies }],
      }),
      rule(3, 'Metadata', 19, [198_118, 217_929_800]),
      rule(4, 'None', 24, [0, 0], { seen: [141_802, 124_081_090] }),
      rule(5, 'Request', 27, [0, 0], {
        isDead: true,
        unknown: [
          {
            reason: 'unreachable',
            message: 'No request reaches this rule: extensions/v1beta1 was removed in Kubernetes 1.22.',
          },
        ],
      }),
      rule(6, 'Metadata', 31, [223_180, 201_442_803]),
      rule(-1, 'None', undefined, [0, 0], { isDead: true }),
    ],
    1,
  );
}

interface RuleMore {
  seen?: [number, number];
  estimated?: RuleResult['estimated'];
  unknown?: RuleResult['unknown'];
  isDead?: boolean;
}

function rule(
  index: number,
  level: Level,
  line: number | undefined,
  [events, bytes]: readonly [number, number],
  { seen = [events, bytes], estimated = NOTHING, unknown = [], isDead = false }: RuleMore = {},
): RuleResult {
  const perDay = { events: events + estimated.events, bytes: bytes + estimated.bytes };
  return {
    rule: index,
    level,
    ...(line === undefined ? {} : { line }),
    requests: Math.round(seen[0] * 0.98),
    seen: { events: seen[0], bytes: seen[1] },
    written: { events, bytes },
    estimated,
    perDay,
    perSecond: events / 86_400,
    topUsers: isDead ? [] : counts(USERS, seen),
    topResources: isDead ? [] : counts(RESOURCES, seen),
    isDead,
    unknown,
    series: dayOf(bytes, index),
  };
}

const NOTHING = { events: 0, bytes: 0, lowBytes: 0, highBytes: 0 };
const USERS = [
  'system:serviceaccount:kube-system:replicaset-controller',
  'system:node:worker-3',
  'jane@example.org',
  HOSTILE_NAMES[0]!,
  HOSTILE_NAMES[10]!,
];
const RESOURCES = ['pods', 'deployments.apps', 'leases.coordination.k8s.io', 'secrets', HOSTILE_NAMES[1]!];

function counts(names: readonly string[], [events, bytes]: readonly [number, number]): Count[] {
  return names.map((name, at) => ({
    name,
    events: Math.round(events / 2 ** (at + 1)),
    bytes: Math.round(bytes / 2 ** (at + 1)),
  }));
}

/** Busy by day; rule 2 has a deployment in the afternoon. */
function dayOf(bytes: number, rule: number): number[] {
  const weights = Array.from({ length: BUCKETS }, (_, at) => {
    const byDay = 1 + 0.55 * Math.sin(((at - 8) / BUCKETS) * 2 * Math.PI);
    const roughness = 0.12 * Math.sin(at * (2.3 + rule)) + 0.07 * Math.cos(at * 5.1);
    return byDay + roughness + (rule === 2 && at > 40 && at < 46 ? 3 : 0);
  });
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.round((bytes * weight) / whole));
}

function policyResult(
  title: string,
  retentionDays: number,
  rules: readonly RuleResult[],
  which: 0 | 1,
): PolicyResult {
  const sum = (of: (rule: RuleResult) => number): number => rules.reduce((all, one) => all + of(one), 0);
  const written = { events: sum((one) => one.written.events), bytes: sum((one) => one.written.bytes) };
  const estimated = {
    events: sum((one) => one.estimated.events),
    bytes: sum((one) => one.estimated.bytes),
    lowBytes: sum((one) => one.estimated.lowBytes),
    highBytes: sum((one) => one.estimated.highBytes),
  };
  return {
    title,
    written,
    estimated,
    perDay: { events: written.events + estimated.events, bytes: written.bytes + estimated.bytes },
    retentionDays,
    rules,
    cells: CELLS.map((one) => cell(one, which)),
    timeline: {
      startMs: START_MS,
      bucketMs: BUCKET_MS,
      bytes: Array.from({ length: BUCKETS }, (_, at) => sum((one) => one.series[at] ?? 0)),
    },
  };
}

/** Verb, resource, events, bytes as recorded; under each policy the rule and its level. */
type CellRow = [string, string, number, number, [number, Level], [number, Level]];

const CELLS: readonly CellRow[] = [
  ['update', 'leases.coordination.k8s.io', 300_221, 604_208_118, [4, 'Request'], [0, 'None']],
  ['list', 'pods', 402_118, 361_906_200, [5, 'Metadata'], [1, 'None']],
  ['watch', 'pods', 21_004, 18_904_110, [5, 'Metadata'], [1, 'None']],
  ['get', 'pods', 88_240, 79_402_280, [5, 'Metadata'], [4, 'None']],
  ['create', 'pods', 12_951, 61_230_401, [4, 'Request'], [2, 'RequestResponse']],
  ['delete', 'pods', 11_860, 9_240_000, [4, 'Request'], [2, 'RequestResponse']],
  ['patch', 'pods', 1_204, 4_410_113, [4, 'Request'], [2, 'RequestResponse']],
  ['get', 'pods/exec', 38, 39_212, [5, 'Metadata'], [4, 'None']],
  ['get', 'pods/log', 1_812, 1_702_118, [5, 'Metadata'], [4, 'None']],
  ['create', 'pods/binding', 12_940, 11_004_280, [4, 'Request'], [6, 'Metadata']],
  ['get', 'secrets', 102_400, 112_640_000, [3, 'Metadata'], [3, 'Metadata']],
  ['list', 'secrets', 40_112, 44_123_200, [3, 'Metadata'], [3, 'Metadata']],
  ['watch', 'secrets', 9_120, 10_032_000, [3, 'Metadata'], [3, 'Metadata']],
  ['create', 'secrets', 412, 453_200, [3, 'Metadata'], [3, 'Metadata']],
  ['get', 'configmaps', 46_180, 50_798_000, [3, 'Metadata'], [3, 'Metadata']],
  ['update', 'configmaps', 1_290, 1_419_000, [3, 'Metadata'], [3, 'Metadata']],
  ['create', 'serviceaccounts/token', 14_286, 15_714_600, [3, 'Metadata'], [6, 'Metadata']],
  ['create', 'tokenreviews.authentication.k8s.io', 8_604, 9_464_400, [3, 'Metadata'], [6, 'Metadata']],
  [
    'create',
    'subjectaccessreviews.authorization.k8s.io',
    61_118,
    74_021_880,
    [4, 'Request'],
    [6, 'Metadata'],
  ],
  ['patch', 'deployments.apps', 8_210, 92_118_402, [4, 'Request'], [6, 'Metadata']],
  ['update', 'deployments.apps/status', 18_441, 48_120_993, [4, 'Request'], [6, 'Metadata']],
  ['get', 'deployments.apps', 30_118, 27_106_200, [5, 'Metadata'], [4, 'None']],
  ['list', 'nodes', 21_002, 18_901_800, [5, 'Metadata'], [1, 'None']],
  ['patch', 'nodes/status', 17_280, 31_104_000, [4, 'Request'], [6, 'Metadata']],
  [
    'create',
    'clusterrolebindings.rbac.authorization.k8s.io',
    9,
    98_118,
    [2, 'RequestResponse'],
    [2, 'RequestResponse'],
  ],
  [
    'update',
    'clusterroles.rbac.authorization.k8s.io',
    9_012,
    74_220_102,
    [2, 'RequestResponse'],
    [2, 'RequestResponse'],
  ],
  ['get', '/metrics', 5_760, 3_916_800, [5, 'Metadata'], [4, 'None']],
  ['get', HOSTILE_NAMES[3]!, 2, 1_910, [5, 'Metadata'], [4, 'None']],
];

function cell([verb, resource, seen, recorded, ...decisions]: CellRow, which: 0 | 1): Cell {
  const [rule, level] = decisions[which];
  const isWritten = level !== 'None';
  const levels: Record<Level, number> = { None: 0, Metadata: 0, Request: 0, RequestResponse: 0 };
  // Some of the tokens are asked for by somebody whom another rule names.
  const others = resource === 'serviceaccounts/token' ? 286 : 0;
  levels[level] = seen - others;
  levels.None += others;
  const bytes = level === 'Metadata' ? Math.min(recorded, seen * 1_100) : recorded;
  return {
    verb,
    resource,
    seen,
    written: isWritten ? { events: seen - others, bytes } : { events: 0, bytes: 0 },
    levels,
    rules: [{ rule, events: seen - others }, ...(others > 0 ? [{ rule: 0, events: others }] : [])],
  };
}

function request(
  user: string,
  verb: string,
  resource: string,
  more: Partial<RequestAttributes> = {},
): RequestAttributes {
  return {
    user,
    groups: ['system:authenticated'],
    verb,
    namespace: '',
    apiGroup: '',
    apiVersion: 'v1',
    resource,
    subresource: '',
    name: '',
    path: '',
    isResourceRequest: true,
    ...more,
  };
}
