import fc from 'fast-check';
import { readStrict } from '../../../src/policy/decode-upstream.ts';
import { shortHash, sha256Hex } from '../../../src/policy/hash.ts';
import { asRead, renderPolicy } from '../../../src/policy/render.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import { withoutEmpty } from '../../../tools/vectors/policy.ts';
import { policyOf, vocabularyOf } from './arbitraries/policies.ts';
import { hostileString, nastyString } from './arbitraries/strings.ts';

function yamlOf(policy: AuditPolicy): string {
  const rendered = renderPolicy(policy);
  if (!rendered.ok) throw new Error(rendered.error);
  return rendered.yaml;
}

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\n';

describe('what is written', () => {
  test('the smallest policy, with the hash that k0rdent gives it', () => {
    const yaml = yamlOf({ rules: [{ level: 'Metadata' }] });
    expect(yaml).toBe(`${HEAD}rules:\n- level: Metadata\n`);
    expect(shortHash(yaml)).toBe('da099788');
    expect(sha256Hex(yaml)).toMatch(/^da099788[0-9a-f]{56}$/);
  });

  test('every field, keys in order, sequences at their key', () => {
    const policy: AuditPolicy = {
      rules: [
        {
          verbs: ['get'],
          users: ['u'],
          userGroups: ['g'],
          resources: [{ resources: ['pods'], resourceNames: ['web'], group: 'apps' }, {}],
          omitStages: ['Panic'],
          omitManagedFields: false,
          nonResourceURLs: ['/x'],
          namespaces: ['n'],
          level: 'None',
        },
      ],
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
    };
    expect(yamlOf(policy)).toBe(
      `${HEAD}omitManagedFields: true\nomitStages:\n- RequestReceived\nrules:\n` +
        '- level: None\n  namespaces:\n  - "n"\n  nonResourceURLs:\n  - /x\n  omitManagedFields: false\n  omitStages:\n' +
        '  - Panic\n  resources:\n  - group: apps\n    resourceNames:\n    - web\n    resources:\n    - pods\n  - {}\n' +
        '  userGroups:\n  - g\n  users:\n  - u\n  verbs:\n  - get\n',
    );
  });

  test('empty lists, an empty group and the policy-level false are left out', () => {
    const rule = {
      level: 'None',
      users: [],
      resources: [{ group: '', resources: [], resourceNames: [] }],
      verbs: [],
    };
    const yaml = yamlOf({
      rules: [rule, { level: '', resources: [] }],
      omitStages: [],
      omitManagedFields: false,
    });
    expect(yaml).toBe(`${HEAD}rules:\n- level: None\n  resources:\n  - {}\n- level: ""\n`);
  });

  test('no rules', () => {
    expect(yamlOf({})).toBe(`${HEAD}rules: null\n`);
    expect(yamlOf({ rules: [] })).toBe(`${HEAD}rules: []\n`);
  });
});

/** How a string stands as a rule's level: after `- level: `, continuation lines four in. */
function written(text: string): string {
  const yaml = yamlOf({ rules: [{ level: text }] });
  expect(yaml.startsWith(`${HEAD}rules:\n- level: `)).toBe(true);
  return yaml.slice(`${HEAD}rules:\n- level: `.length);
}

const word = 'x'.repeat(75);

describe('how strings are written', () => {
  test.each([
    ['a word', 'Metadata', 'Metadata\n'],
    ['an empty string', '', '""\n'],
    ['a word that reads as a boolean', 'yes', '"yes"\n'],
    ['a number', '0o17', '"0o17"\n'],
    ['a date', '2001-12-14', '"2001-12-14"\n'],
    ['base 60', '12:30:45', '"12:30:45"\n'],
    ['a merge key', '<<', '<<\n'],
    ['an equals sign', '=', '=\n'],
    ['an indicator first', '*', "'*'\n"],
    ['a document marker first', '---a', "'---a'\n"],
    ['a dash before a space', '- a', "'- a'\n"],
    ['a dash alone', '-', "'-'\n"],
    ['a dash before a letter', '-a', '-a\n'],
    ['a colon last', 'a:', "'a:'\n"],
    ['a colon inside', 'a:b', 'a:b\n'],
    ['a comment', 'a #b', "'a #b'\n"],
    ['a hash inside', 'a#b', 'a#b\n'],
    ['brackets inside', 'a[b]{c},d?', 'a[b]{c},d?\n'],
    ['quotes doubled', "'a' #", "'''a'' #'\n"],
    ['a leading space', ' a', "' a'\n"],
    ['a tab', 'a\tb', '"a\\tb"\n'],
    ['escapes', '\0\x07\b\v\f\r\x1b"\\\x01', '"\\0\\a\\b\\v\\f\\r\\e\\"\\\\\\x01"\n'],
    ['beyond the basic plane', '😀', '"\\U0001F600"\n'],
    ['a byte order mark inside', 'a\ufeff é', '"a\\uFEFF é"\n'],
    ['a byte order mark first: all is escaped', '\ufeffa\u00a0é', '"\\uFEFF\\x61\\_\\xE9"\n'],
    ['letters of other scripts', '日本語 é', '日本語 é\n'],
    ['half a surrogate pair', 'a\ud83d', 'a\ufffd\n'],
    ['lines', 'a\nb', '|-\n    a\n    b\n'],
    ['lines with a final break', 'a\nb\n', '|\n    a\n    b\n'],
    ['lines with two final breaks', 'a\n\n', '|+\n    a\n\n'],
    ['nothing but a break', '\n', '|2+\n\n'],
    ['lines that start with a space', ' a\nb', '|2-\n     a\n    b\n'],
    ['lines with a trailing space', 'a\nb ', '"a\\nb "\n'],
    ['a space before a break', 'a \nb', '"a \\nb"\n'],
    ['lines with a tab', 'a\n\tb', '"a\\n\\tb"\n'],
    ['a line separator', 'a\u2028b', "'a\u2028    b'\n"],
    ['a line separator before a space', 'a\u2028 b', '"a\\L b"\n'],
    ['one NEL', 'a \u0085 b', 'a b\n'],
    ['three NELs', 'a\u0085\u0085\u0085b', '|-\n    a\n\n    b\n'],
    ['folds plain text beyond column 80', `${word} b`, `${word}\n    b\n`],
    ['not up to column 80', `${word.slice(5)} b`, `${word.slice(5)} b\n`],
    ['not at two spaces', `${word}  b`, `${word}  b\n`],
    ['folds single quotes', `# ${word} b`, `'# ${word}\n    b'\n`],
    ['not at the last space', `# ${word} `, `'# ${word} '\n`],
    ['folds double quotes', `\t ${word} b`, `"\\t ${word}\n    b"\n`],
    ['folds double quotes before a second space', `\t ${word}  b`, `"\\t ${word}\n    \\ b"\n`],
    ['never folds lines', `a\n${word} b c`, `|-\n    a\n    ${word} b c\n`],
  ])('%s', (_, text, expected) => {
    expect(written(text)).toBe(expected);
  });

  test.each(['\x7f', '\u0080', '\u009f', '\ufffe', '\uffff', 'a\u0085--- b', '\u0085...\u0085'])(
    '%j cannot be written',
    (text) => {
      const policy = { rules: [{ level: 'None', users: ['a', text] }] };
      const rendered = renderPolicy(policy);
      expect(rendered.ok ? '' : rendered.error).toMatch(
        /^rules\[0\]\.users\[1\]: U\+[0-9A-F]{4} .*is not allowed: yaml: /,
      );
    },
  );

  test('every string that cannot be written is named', () => {
    const bad = '\x7f';
    const policy = {
      omitStages: [bad],
      rules: [{ level: bad, resources: [{ group: bad, resourceNames: ['a', bad] }] }],
    };
    const rendered = renderPolicy(policy);
    const error = rendered.ok ? '' : rendered.error;
    expect(error.split('; ').map((part) => part.split(':')[0])).toEqual([
      'omitStages[0]',
      'rules[0].level',
      'rules[0].resources[0].group',
      'rules[0].resources[0].resourceNames[1]',
    ]);
    expect(error).toContain('U+007F');
  });
});

/** The reader does not take U+2028 and U+2029 for the line breaks that they are in YAML 1.1. */
const withoutUnicodeBreaks = nastyString.map((text) => text.toWellFormed().replace(/[\u2028\u2029]/g, ' '));

describe('properties', () => {
  test('what is rendered decodes to the same policy', () => {
    fc.assert(
      fc.property(policyOf(vocabularyOf(withoutUnicodeBreaks)), (policy) => {
        const read = readStrict(yamlOf(policy));
        expect(read.ok && withoutEmpty(read.policy)).toEqual(withoutEmpty(policy));
      }),
      { numRuns: 300 },
    );
  });

  test('what is refused or changed on the way is told by asRead', () => {
    fc.assert(
      fc.property(hostileString, (text) => {
        const policy = { rules: [{ level: 'None', users: [text] }] };
        const read = asRead(policy);
        expect(renderPolicy(policy).ok).toBe(read.ok);
        fc.pre(read.ok);
        const users = read.policy.rules?.[0]?.users;
        expect(renderPolicy(read.policy)).toEqual(renderPolicy(policy));
        expect(text.includes('\u0085') || users?.[0] === text.toWellFormed()).toBe(true);
      }),
    );
  });

  test('the order of keys does not count', () => {
    fc.assert(
      fc.property(policyOf(vocabularyOf(nastyString)), (policy) => {
        const reversed = (value: unknown): unknown => {
          if (Array.isArray(value)) return value.map(reversed);
          if (typeof value !== 'object' || value === null) return value;
          return Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, field]) => [key, reversed(field)]),
          );
        };
        expect(renderPolicy(reversed(policy) as AuditPolicy)).toEqual(renderPolicy(policy));
      }),
      { numRuns: 50 },
    );
  });
});
