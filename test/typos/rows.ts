/** Mistakes in a ClusterAuditPolicy, and who catches each. docs/reference/typos.md is made of this table, and a test plays it. */

/** Who keeps a mistake from a cluster, or that nobody does. */
export type Caught =
  /** Refused; the message names the field and what was probably meant. */
  | 'webhook'
  /** Refused by the schema of the CRD, or by strict field validation; the message names the field. */
  | 'API server'
  /** Refused like every policy: the webhook cannot be asked. */
  | 'nobody asked'
  /** Taken; the operator names the mistake in the policy's or the cluster's condition, and delivers it nowhere. */
  | 'operator'
  /** Taken without it; the client is warned by name. The policy says something else than was written. */
  | 'dropped';

/** Whose ClusterAuditPolicy CRD is installed, and what is with the webhook. */
export const SETTINGS = [
  { id: 'ours, webhook up', crd: 'ours', webhook: 'up' },
  { id: 'ours, webhook down', crd: 'ours', webhook: 'down' },
  { id: 'ours, strict, webhook off', crd: 'strict', webhook: 'off' },
  { id: "KCM's, webhook up", crd: 'kcm', webhook: 'up' },
  { id: "KCM's, webhook down", crd: 'kcm', webhook: 'down' },
  { id: "KCM's, webhook off", crd: 'kcm', webhook: 'off' },
] as const;
export type Setting = (typeof SETTINGS)[number];

/** How it is written: kubectl asks for strict field validation, other clients get the API server's default, which is to warn. */
export const WRITERS = { kubectl: 'Strict', client: 'Warn' } as const;
export type Writer = keyof typeof WRITERS;

export interface TypoRow {
  /** Kebab-case; the name of the policy. */
  id: string;
  /** What is wrong, in plain words with the text. */
  what: string;
  /** The `spec`, as JSON text, since a repeated field would not survive in an object. */
  spec: string;
  /** What a message must say to have named it. */
  names: RegExp;
  /** For each setting by kubectl and by another client. */
  caught: Record<Setting['id'], Readonly<Record<Writer, Caught>>>;
}

const both = (caught: Caught) => ({ kubectl: caught, client: caught });

/** What no schema has a place for. */
const UNKNOWN_FIELD: TypoRow['caught'] = {
  'ours, webhook up': both('webhook'),
  'ours, webhook down': both('nobody asked'),
  'ours, strict, webhook off': { kubectl: 'API server', client: 'dropped' },
  "KCM's, webhook up": { kubectl: 'API server', client: 'dropped' },
  "KCM's, webhook down": { kubectl: 'API server', client: 'nobody asked' },
  "KCM's, webhook off": { kubectl: 'API server', client: 'dropped' },
};

/** What every typed schema refuses. */
const AGAINST_TYPES: TypoRow['caught'] = {
  'ours, webhook up': both('webhook'),
  'ours, webhook down': both('nobody asked'),
  'ours, strict, webhook off': both('API server'),
  "KCM's, webhook up": both('API server'),
  "KCM's, webhook down": both('API server'),
  "KCM's, webhook off": both('API server'),
};

/** What only our strict schema refuses. */
const AGAINST_VALUES: TypoRow['caught'] = {
  ...AGAINST_TYPES,
  "KCM's, webhook up": both('webhook'),
  "KCM's, webhook down": both('nobody asked'),
  "KCM's, webhook off": both('operator'),
};

/** What no schema can say. */
const BEYOND_SCHEMAS: TypoRow['caught'] = {
  ...AGAINST_VALUES,
  'ours, strict, webhook off': both('operator'),
};

export const TYPOS: readonly TypoRow[] = [
  {
    id: 'misspelt-field',
    what: '`user:` for `users:` in a rule, which would then match everybody',
    spec: '{"policy":{"rules":[{"level":"None","user":["system:kube-proxy"]}]}}',
    names: /rules\[0\]\.user/,
    caught: UNKNOWN_FIELD,
  },
  {
    id: 'misspelt-field-in-resources',
    what: '`resource:` for `resources:` in an entry of `resources`',
    spec: '{"policy":{"rules":[{"level":"None","resources":[{"group":"apps","resource":["deployments"]}]}]}}',
    names: /resources\[0\]\.resource\b/,
    caught: UNKNOWN_FIELD,
  },
  {
    id: 'field-one-level-too-high',
    what: '`omitStages` beside `policy` instead of in it',
    spec: '{"omitStages":["RequestReceived"],"policy":{"rules":[{"level":"None"}]}}',
    names: /spec\.omitStages/,
    caught: UNKNOWN_FIELD,
  },
  {
    id: 'repeated-field',
    what: '`level` given twice in a rule; JSON and YAML readers keep the last one',
    spec: '{"policy":{"rules":[{"level":"None","level":"Metadata"}]}}',
    names: /rules\[0\]\.level/,
    caught: {
      'ours, webhook up': { kubectl: 'API server', client: 'dropped' },
      'ours, webhook down': { kubectl: 'API server', client: 'nobody asked' },
      'ours, strict, webhook off': { kubectl: 'API server', client: 'dropped' },
      "KCM's, webhook up": { kubectl: 'API server', client: 'dropped' },
      "KCM's, webhook down": { kubectl: 'API server', client: 'nobody asked' },
      "KCM's, webhook off": { kubectl: 'API server', client: 'dropped' },
    },
  },
  {
    id: 'misspelt-rules',
    what: '`Rules:` for `rules:`',
    spec: '{"policy":{"Rules":[{"level":"None"}]}}',
    names: /policy\.(Rules: unknown field|rules: Required value)|unknown field "spec\.policy\.Rules"/,
    caught: AGAINST_TYPES,
  },
  {
    id: 'misspelt-level',
    what: '`level: Metdata`',
    spec: '{"policy":{"rules":[{"level":"Metdata"}]}}',
    names: /level.*Unsupported value: "Metdata"/,
    caught: AGAINST_VALUES,
  },
  {
    id: 'no-level',
    what: 'a rule without `level`',
    spec: '{"policy":{"rules":[{"users":["a"]}]}}',
    names: /rules\[0\]\.level/,
    caught: AGAINST_TYPES,
  },
  {
    id: 'text-for-list',
    what: '`users: admin` for `users: [admin]`',
    spec: '{"policy":{"rules":[{"level":"None","users":"admin"}]}}',
    names: /rules\[0\]\.users/,
    caught: AGAINST_TYPES,
  },
  {
    id: 'no-rules',
    what: '`rules: []`, with which kube-apiserver does not start',
    spec: '{"policy":{"rules":[]}}',
    names: /with 0 rules|policy\.rules: .*at least 1 items/,
    caught: AGAINST_VALUES,
  },
  {
    id: 'misspelt-stage',
    what: '`omitStages: [requestReceived]`',
    spec: '{"policy":{"rules":[{"level":"None"}],"omitStages":["requestReceived"]}}',
    names: /omitStages\[0\].*requestReceived/,
    caught: AGAINST_VALUES,
  },
  {
    id: 'url-without-slash',
    what: '`nonResourceURLs: [healthz]`',
    spec: '{"policy":{"rules":[{"level":"None","nonResourceURLs":["healthz"]}]}}',
    names: /nonResourceURLs\[0\].*healthz/,
    caught: BEYOND_SCHEMAS,
  },
  {
    id: 'both-kinds-of-request',
    what: '`resources` and `nonResourceURLs` in one rule',
    spec: '{"policy":{"rules":[{"level":"None","resources":[{"group":"apps"}],"nonResourceURLs":["/x"]}]}}',
    names: /nonResourceURLs.*rules cannot apply to both/,
    caught: BEYOND_SCHEMAS,
  },
];
