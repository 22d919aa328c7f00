/** A policy file that the validator refuses, and what kube-apiserver makes of it. */
export interface Row {
  what: string;
  file: string;
  /** Part of what kube-apiserver says before it ends. */
  says?: string;
  /**
   * For a file that kube-apiserver starts with, though it reads it otherwise than it is written: the level that its author
   * meant for the administrator's GET of a ConfigMap, and the one that it gets.
   */
  readOtherwise?: { meant: string; gets: string };
}

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const rules = (...lines: string[]) => `${HEAD}rules:\n${lines.map((line) => `${line}\n`).join('')}`;

/** kube-apiserver ends. */
const ENDS: readonly Row[] = [
  { what: 'no rules', file: `${HEAD}rules: []\n`, says: 'loaded illegal policy with 0 rules' },
  { what: 'rules missing', file: HEAD, says: 'loaded illegal policy with 0 rules' },
  { what: 'Rules for rules', file: `${HEAD}Rules:\n- level: Metadata\n`, says: '0 rules' },
  { what: 'a level that is none', file: rules('- level: Metdt'), says: 'rules[0].level' },
  { what: 'no level', file: rules('- users: [a]'), says: 'rules[0].level' },
  {
    what: 'a stage that is none',
    file: `${HEAD}omitStages: [Received]\nrules: [{level: None}]\n`,
    says: 'omitStages',
  },
  {
    what: 'a URL without a slash',
    file: rules('- {level: None, nonResourceURLs: [healthz]}'),
    says: '"healthz"',
  },
  { what: 'a star within a URL', file: rules('- {level: None, nonResourceURLs: ["/a*b"]}'), says: '"/a*b"' },
  {
    what: 'URLs beside namespaces',
    file: rules('- {level: None, nonResourceURLs: [/x], namespaces: [a]}'),
    says: 'nonResourceURLs',
  },
  {
    what: 'a version for a group',
    file: rules('- level: None', '  resources: [{group: apps/v1}]'),
    says: 'resources.group',
  },
  {
    what: 'resource names without resources',
    file: rules('- level: None', '  resources: [{resourceNames: [a]}]'),
    says: 'resourceNames',
  },
  { what: 'text for a list', file: rules('- {level: None, users: admin}'), says: 'users' },
  { what: 'a YAML 1.1 boolean for text', file: rules('- {level: None, users: [yes]}'), says: 'bool' },
  { what: 'a number for text', file: rules('- {level: None, users: [1]}'), says: 'number' },
  {
    what: 'a placeholder',
    file: rules('- level: Metadata', '  resources: ${known_apis}'),
    says: 'resources',
  },
  { what: 'an empty apiVersion', file: 'apiVersion:\nkind: Policy\nrules: [{level: None}]\n' },
  {
    what: 'an apiVersion of old',
    file: 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]\n',
    says: 'v1beta1',
  },
  {
    what: 'another kind',
    file: 'apiVersion: audit.k8s.io/v1\nkind: Event\nlevel: None\n',
  },
  { what: 'YAML in braces', file: '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\n' },
  { what: 'a tab as indent', file: rules('- level: None', '\tusers: [a]') },
  { what: 'an alias that is unknown', file: rules('- level: None', '  users: *a') },
  { what: 'nothing at all', file: '' },
  { what: 'an empty first document', file: `---\n---\n${rules('- level: Metadata')}` },
];

/** kube-apiserver starts, falls back to its lenient reader, and logs otherwise than was meant. */
const READ_OTHERWISE: readonly Row[] = [
  {
    what: 'user for users',
    file: rules('- {level: None, user: [nobody]}', '- level: Metadata'),
    readOtherwise: { meant: 'Metadata', gets: 'None' },
  },
  {
    what: 'verb for verbs',
    file: rules('- {level: Request, verb: [delete]}', '- level: Metadata'),
    readOtherwise: { meant: 'Metadata', gets: 'Request' },
  },
  {
    what: 'Resources for resources',
    file: rules('- {level: None, Resources: [{group: apps}]}', '- level: Metadata'),
    readOtherwise: { meant: 'Metadata', gets: 'None' },
  },
  {
    what: 'a field of a rule at the policy',
    file: `${HEAD}users: [nobody]\nrules: [{level: Metadata}]\n`,
    readOtherwise: { meant: 'None', gets: 'Metadata' },
  },
  {
    what: 'a repeated field',
    file: rules('- level: Request', '  level: Metadata'),
    readOtherwise: { meant: 'Request', gets: 'Metadata' },
  },
  {
    what: 'a second document',
    file: `${rules('- level: Metadata')}---\n${rules('- level: Request')}`,
    readOtherwise: { meant: 'Request', gets: 'Metadata' },
  },
];

export const ROWS: readonly Row[] = [...ENDS, ...READ_OTHERWISE];
