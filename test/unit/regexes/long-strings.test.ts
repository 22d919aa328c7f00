import { isObjectName } from '../../../src/api/names.ts';
import { messageText, quoted } from '../../../src/api/visible.ts';
import { printableJson, printableYaml } from '../../../src/cli/terminal.ts';
import { readPolicyConfigMap } from '../../../src/plan/observed/config-map.ts';
import { compilePolicy } from '../../../src/policy/evaluate.ts';
import { readPolicyFile, readPolicySpec } from '../../../src/policy/content.ts';
import { parseKubernetesVersion } from '../../../src/policy/kubernetes-version.ts';

const LENGTH = 100_000;
/** Ten times what the slowest needs; by the square each would take many seconds. */
const MOST_MS = 1_500;

const PUMPS = [
  'a',
  '0',
  ' ',
  '*',
  '/',
  '-',
  '.',
  '_',
  '"',
  "'",
  '\\',
  ':',
  '%',
  '#',
  '\t',
  '\n',
  '1e',
  ' \n',
  'a ',
  '. ',
  '0:',
  '${',
  '{{',
  '\u2028',
  '\u0085',
  '\u00e9',
  '\u{1f600}',
];
const TEXTS = PUMPS.flatMap((pump) => {
  const body = pump.repeat(Math.ceil(LENGTH / pump.length));
  return [`${body}!`, `${body}x\u0085`];
});

const FIELDS: Record<string, (text: string) => object> = {
  level: (text) => ({ level: text }),
  users: (text) => ({ level: 'None', users: [text] }),
  nonResourceURLs: (text) => ({ level: 'None', nonResourceURLs: [text] }),
  group: (text) => ({ level: 'None', resources: [{ group: text }] }),
  resources: (text) => ({ level: 'None', resources: [{ group: '', resources: [text] }] }),
  'a field': (text) => ({ level: 'None', [text]: text }),
};

/** The texts that took too long, if any, twice in a row: a busy machine may be slow once. */
function slowOnes(read: (text: string) => unknown): string[] {
  const time = (text: string): number => {
    const started = performance.now();
    read(text);
    return performance.now() - started;
  };
  return TEXTS.filter((text) => time(text) > MOST_MS && time(text) > MOST_MS).map((text) =>
    JSON.stringify(text.slice(0, 12)),
  );
}

test.each(Object.keys(FIELDS))(
  'A14: 100 KB in %s of a policy are read, judged and rendered soon',
  (field) => {
    const rule = FIELDS[field];
    expect(slowOnes((text) => readPolicySpec({ policy: { rules: [rule?.(text)] } }))).toEqual([]);
  },
);

test('A14: the same in files', () => {
  const file = (text: string) =>
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [${text}]\n`;
  expect(slowOnes((text) => readPolicyFile(file(JSON.stringify(text))))).toEqual([]);
  expect(slowOnes((text) => readPolicyFile(file(text)))).toEqual([]);
});

test.each<[string, (text: string) => unknown]>([
  ['names', isObjectName],
  ['messages', messageText],
  ['quotations', quoted],
  ['terminal JSON', (text) => printableJson(JSON.stringify(text))],
  ['terminal YAML', printableYaml],
  ['versions', parseKubernetesVersion],
  [
    'a ConfigMap',
    (text) =>
      readPolicyConfigMap({
        metadata: { annotations: { 'auditpolicy.dev/reverted': text, 'auditpolicy.dev/released-at': text } },
      }),
  ],
  ['a date', (text) => Date.parse(text)],
  [
    'URLs of a rule and of a request',
    (text) =>
      compilePolicy({ rules: [{ level: 'None', nonResourceURLs: [`${text}*`] }] })({
        user: 'u',
        groups: [],
        verb: 'get',
        namespace: '',
        apiGroup: '',
        apiVersion: '',
        resource: '',
        subresource: '',
        name: '',
        path: text,
        isResourceRequest: false,
      }),
  ],
])('A14: 100 KB in %s', (_, read) => {
  expect(slowOnes(read)).toEqual([]);
});
