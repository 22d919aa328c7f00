import fc from 'fast-check';
import { renderPolicy } from '../../../../src/policy/render.ts';
import { plainPolicy } from './policies.ts';
import { nastyString } from './strings.ts';

/** What a person may get wrong in a policy file, as text to put somewhere. */
const DAMAGE = [
  ...[
    'user: [a]',
    'verb: get',
    'Rules:',
    'rules:',
    'level: None',
    '- level: None',
    'kind: Policy',
    'apiVersion: v1',
    'metadata:',
  ],
  ...[
    '  ',
    '\t',
    '\n',
    '\n\n',
    '# c',
    ' # c',
    '---',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '- ',
    '-',
    ':',
    ': ',
    '? ',
    '[',
    ']',
    '{',
    '}',
  ],
  ...[
    ',',
    '&a',
    '*a',
    '<<: *a',
    '<<: {level: None}',
    '!!str ',
    '!x ',
    '!!binary ',
    '|\n',
    '>-\n',
    '|2\n',
    "'",
    '"',
    '\\',
    '@',
    '`',
  ],
  ...[
    'null',
    '~',
    'yes',
    'no',
    '1',
    '1.5',
    '0x10',
    '2001-01-01',
    '12:30:45',
    '""',
    "''",
    '[]',
    '{}',
    '[a, b]',
    '{a: b}',
    'true',
  ],
  ...[
    '\u0085',
    '\u2028',
    '\ufeff',
    '\r',
    '\r\n',
    '\x7f',
    '\0',
    '\u00a0',
    '😀',
    'é',
    '"\\u0041"',
    '"\\x41"',
    '"\\/"',
    '"\\ud83d\\ude00"',
  ],
];

const document = fc.oneof(
  plainPolicy.map((policy) => {
    const rendered = renderPolicy(policy);
    return rendered.ok ? rendered.yaml : '';
  }),
  plainPolicy.map((policy) => JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', ...policy })),
  plainPolicy.map((policy) =>
    JSON.stringify({ kind: 'Policy', apiVersion: 'audit.k8s.io/v1', ...policy }, null, 2),
  ),
  fc
    .tuple(
      fc.constantFrom('users', 'level', 'resources', 'metadata', 'omitManagedFields', 'verbs'),
      nastyString,
    )
    .map(
      ([key, text]) =>
        `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  ${key}: ${text}\n`,
    ),
  nastyString.map(
    (text) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [${text}]\n`,
  ),
  nastyString.map(
    (text) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users:\n  - ${text}\n`,
  ),
);

interface Edit {
  at: number;
  cut: number;
  put: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.constantFrom(0, 0, 0, 1, 2, 5, 20),
  put: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...DAMAGE) }, { weight: 1, arbitrary: nastyString }),
});

/** Texts that are meant to be policy files, with up to three edits. */
export const documentText: fc.Arbitrary<string> = fc
  .tuple(document, fc.array(edit, { maxLength: 3 }))
  .map(([text, edits]) => edits.reduce(applyEdit, text));

function applyEdit(text: string, { at, cut, put }: Edit): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + put + text.slice(start + cut);
}
