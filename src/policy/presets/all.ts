import { K0S_APIS } from './known-apis.ts';
import {
  credentials,
  everythingElse,
  extensions,
  health,
  noise,
  ONE_EVENT,
  rights,
  wayIn,
  workloads,
  WRITES,
} from './parts.ts';
import type { CommentedRule, Preset } from './preset.ts';

const NOISE =
  'health checks, the version and schemas; heartbeats, leases, events, endpoints, node status, token and access reviews of kubelets and the control plane';
const ALL_ELSE = 'everything else at Metadata, failed authentications (401) too';
const CREDENTIALS =
  'secrets, config maps, tokens, token reviews and certificate requests at Metadata, never their content';

const minimal: Preset = {
  name: 'minimal',
  summary: 'Who did what, and which rights were given: the smallest policy that misses nothing but noise.',
  forWhom:
    'Who wants an audit trail with little volume and next to no content in the log, or a first policy to measure with.',
  records: [
    'writes of rights, namespaces and service accounts, with the request body',
    CREDENTIALS,
    ALL_ELSE,
  ],
  leavesOut: [NOISE, 'all other bodies: that a deployment was changed is recorded, not to what'],
  profile: 'baseline',
  parameters: [],
  build: () => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [health(), ...noise(), credentials(), rights(), everythingElse()],
  }),
};

const baseline: Preset = {
  name: 'baseline',
  summary: 'Bodies where an investigation needs them, Metadata for all else, secrets never.',
  forWhom: 'Most clusters. Falco rules on audit events find what they look for.',
  records: [
    CREDENTIALS,
    'exec, attach, port-forward and proxy at Metadata',
    'writes of rights, namespaces and service accounts, of webhooks, definitions and network policies, and of workloads, with the request body',
    ALL_ELSE,
  ],
  leavesOut: [NOISE, 'response bodies, and the bodies of custom resources'],
  profile: 'baseline',
  parameters: [],
  build: () => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [
      health(),
      ...noise(),
      credentials(),
      wayIn(),
      rights(),
      extensions(),
      workloads(),
      everythingElse(),
    ],
  }),
};

const cis: Preset = {
  name: 'cis',
  summary: 'What the CIS Kubernetes Benchmark asks for in 3.2.2, point by point.',
  forWhom:
    'Who is measured by the CIS benchmark. (The STIG asks for one RequestResponse rule and nothing else: no policy meets both.)',
  records: [
    `3.2.2: ${CREDENTIALS}`,
    '3.2.2: changes of pods and deployments, with the request body',
    '3.2.2: pods/exec, pods/portforward, pods/proxy and services/proxy at Metadata',
    'writes of rights, and of what changes the API server, with the request body',
    `3.2.2: ${ALL_ELSE}`,
  ],
  leavesOut: [NOISE, 'response bodies'],
  profile: 'cis',
  parameters: [],
  build: () => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [
      health(),
      ...noise(),
      cited('CIS 3.2.2, secrets.', credentials()),
      cited('CIS 3.2.2, use of exec, portforward and proxy.', wayIn()),
      cited('CIS 3.2.2, changes of pods and deployments.', workloads()),
      rights(),
      extensions(),
      cited('CIS 3.2.2, "for most requests at least Metadata".', everythingElse()),
    ],
  }),
};

const writeBodies: Preset = {
  name: 'write-bodies',
  summary: 'Every write to a known API with its request body; reads at Metadata.',
  forWhom:
    'Who must be able to say what was changed to what, and has the disk for it. Like the profile WriteRequestBodies of OpenShift.',
  records: [
    CREDENTIALS,
    'exec, attach, port-forward and proxy at Metadata',
    'every write to a known API, with the request body; of a status only that it was written',
    ALL_ELSE,
  ],
  leavesOut: [
    NOISE,
    'response bodies, and the bodies of APIs that are not known: name yours with --known-apis default,GROUP when their objects hold no credentials',
  ],
  profile: 'baseline',
  parameters: ['knownApis'],
  build: ({ knownApis }) => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [
      health(),
      ...noise(),
      credentials(),
      wayIn(),
      statusWrites(knownApis),
      knownWrites('Request', knownApis),
      everythingElse(),
    ],
  }),
};

const gke: Preset = {
  name: 'gke',
  summary: 'As the control planes of GCE and GKE start: request and response of each write to a known API.',
  forWhom:
    'Who compares clusters with GKE, or wants the response, which has what the server filled in. Costs the most.',
  records: [
    CREDENTIALS,
    'exec, attach, port-forward and proxy at Metadata',
    'every write to a known API, with request and response body; of a status only that it was written',
    ALL_ELSE,
  ],
  leavesOut: [
    NOISE,
    'bodies of reads, which can be large, and of APIs that are not known (--known-apis)',
    'unlike GCE: component noise is left out for components only, and exec is never above Metadata',
  ],
  profile: 'baseline',
  parameters: ['knownApis'],
  build: ({ knownApis }) => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [
      health(),
      ...noise(),
      credentials(),
      wayIn(),
      statusWrites(knownApis),
      knownWrites('RequestResponse', knownApis),
      everythingElse(),
    ],
  }),
};

const k0rdent: Preset = {
  name: 'k0rdent',
  summary:
    'For child clusters of k0rdent, on k0s: writes to known APIs and those of k0s, with request and response.',
  forWhom: 'Fleets of k0rdent: the ideas of its documentation’s full example, with the gaps closed.',
  records: [
    CREDENTIALS,
    'exec, attach, port-forward and proxy at Metadata',
    'every write to a known API and to those of k0s (nodes’ plans, etcd members), with request and response body',
    ALL_ELSE,
  ],
  leavesOut: [
    NOISE,
    'the values of k0s charts (helm.k0sproject.io), which may hold passwords: at Metadata',
    'bodies of reads, and of APIs that are not known (--known-apis)',
  ],
  profile: 'baseline',
  parameters: ['knownApis'],
  build: ({ knownApis }) => ({
    omitStages: ONE_EVENT,
    omitManagedFields: true,
    rules: [
      health(),
      ...noise(),
      credentials(),
      {
        why: 'Charts that k0s installs: their values may hold passwords.',
        rule: { level: 'Metadata', resources: [{ group: 'helm.k0sproject.io' }] },
      },
      wayIn(),
      statusWrites([...knownApis, ...K0S_APIS]),
      knownWrites('RequestResponse', [...knownApis, ...K0S_APIS]),
      everythingElse(),
    ],
  }),
};

const humans: Preset = {
  name: 'humans',
  summary: 'What the people of some groups do, and who touches secrets; nothing else.',
  forWhom:
    'Who has little room and wants to know what people did. Not for finding an attacker: machines are left out, and so are failed logins.',
  records: [
    'secrets at Metadata, by whomever',
    'what the groups do, with the request body; config maps and tokens at Metadata, never their content',
  ],
  leavesOut: [
    'all that service accounts, nodes and the control plane do, except to secrets',
    'requests whose authentication failed (401), and anonymous ones',
  ],
  profile: 'allow-list',
  parameters: ['groups'],
  build: ({ groups }) => {
    const { rule, why } = credentials();
    return {
      omitStages: ONE_EVENT,
      omitManagedFields: true,
      rules: [
        {
          why: 'Secrets, by whomever: who and when, never their content.',
          rule: { level: 'Metadata', resources: [{ resources: ['secrets', 'serviceaccounts/token'] }] },
        },
        {
          why: `${why}\nThis one for the people below only: all of a cluster reads config maps.`,
          rule: { ...rule, userGroups: [...groups] },
        },
        {
          why: 'The people at URLs that are no resources: such requests have no body to record.',
          rule: { level: 'Metadata', userGroups: [...groups], nonResourceURLs: ['*'] },
        },
        {
          why: 'The people, with what they sent. Groups are written as the API server sees them: with --oidc-groups-prefix=oidc:\nthe group "admins" of the identity provider is "oidc:admins". "*" is no wildcard here.',
          rule: { level: 'Request', userGroups: [...groups] },
        },
        { why: 'Nothing else, on purpose.', rule: { level: 'None' } },
      ],
    };
  },
};

/** Every preset, from the smallest to the most special. */
export const PRESETS: readonly Preset[] = [minimal, baseline, cis, writeBodies, gke, k0rdent, humans];

function cited(source: string, { why, rule }: CommentedRule): CommentedRule {
  return { why: `${source}\n${why}`, rule };
}

/** By far the most writes of a cluster, and none by a person. */
function statusWrites(groups: readonly string[]): CommentedRule {
  return {
    why: 'What controllers and kubelets report, all the time: that they did is enough.',
    rule: {
      level: 'Metadata',
      verbs: ['update', 'patch'],
      resources: [...new Set(groups)].map((group) => ({ group, resources: ['*/status'] })),
    },
  };
}

function knownWrites(level: 'Request' | 'RequestResponse', groups: readonly string[]): CommentedRule {
  const what = level === 'Request' ? 'what was sent' : 'what was sent and what came of it';
  return {
    why: `Every write to an API whose bodies are known to hold no credentials: ${what}.\nAdd your own with --known-apis; other custom resources are recorded at Metadata.`,
    rule: {
      level,
      verbs: [...WRITES],
      resources: [...new Set(groups)].map((group) => ({ group })),
    },
  };
}
