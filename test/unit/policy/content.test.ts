import {
  MAX_KEPT_BYTES,
  MAX_RENDERED_BYTES,
  readPolicyFile,
  readPolicySpec,
} from '../../../src/policy/content.ts';
import { problemText } from '../../../src/policy/problem.ts';
import { rulesOfJsonSize, rulesOfSize } from '../../support/sized-policy.ts';

const texts = (content: ReturnType<typeof readPolicySpec>) => content.problems.map(problemText);

describe('the content of a policy', () => {
  test('a misspelt level and a misspelt field are told at once', () => {
    const found = texts(
      readPolicySpec({ policy: { rules: [{ level: 'Metdt', verb: ['get'] }, { level: 'None' }] } }),
    );
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('"verbs"');
    expect(found[1]).toContain('"Metadata"');
  });

  test('with the place of each in a file', () => {
    const { problems } = readPolicyFile(
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metdt\n  verb: [get]\n',
    );
    expect(problems.map(({ position }) => position?.line)).toEqual([5, 4]);
  });

  test('a draft is looked at for misspelt values only: no rules is said once, and nothing is accepted', () => {
    const content = readPolicySpec({ policy: { Rules: [{ level: 'None' }] } });
    expect(content.accepted).toBeUndefined();
    expect(texts(content)).toEqual([expect.stringContaining('"rules"')]);
  });

  test('a rendered policy over the limit of a ConfigMap is refused with both numbers', () => {
    const users = Array.from({ length: 40_000 }, (_, i) => `user-${String(i).padStart(20, '0')}`);
    const { accepted, problems } = readPolicySpec({ policy: { rules: [{ level: 'None', users }] } });
    expect(accepted).toBeUndefined();
    expect(problems[0]?.message).toMatch(/has \d{7} bytes; a ConfigMap takes 1048576/);
  });

  test('what would be read otherwise than it is written is refused', () => {
    const { accepted, problems } = readPolicySpec({
      policy: { rules: [{ level: 'None', users: ['a\u0085b'] }] },
    });
    expect(accepted).toBeUndefined();
    expect(problems[0]).toMatchObject({ code: 'CannotRender' });
  });

  test('accepted: digests, rules, and what older versions say', () => {
    const { accepted } = readPolicySpec({
      policy: { rules: [{ level: 'Metadata', resources: [{ group: '*' }] }] },
    });
    expect(accepted?.sha256.startsWith(accepted.hash)).toBe(true);
    expect(accepted?.problemsFor({ major: 1, minor: 36 })).toEqual([]);
    expect(accepted?.problemsFor({ major: 1, minor: 35 })).toHaveLength(1);
    expect(accepted?.fingerprint()).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('A11: the limits of ConfigMap and kept copy, to the byte', () => {
  const verdict = (rules: unknown) => {
    const { accepted, problems } = readPolicySpec({ policy: { rules } });
    return accepted
      ? 'accepted'
      : problems.map(({ code, message }) => `${code} ${/\d+ bytes( as JSON)?/.exec(message)?.[0] ?? ''}`);
  };
  expect(verdict(rulesOfSize(MAX_RENDERED_BYTES))).toBe('accepted');
  expect(verdict(rulesOfSize(MAX_RENDERED_BYTES + 1))).toEqual(['TooLarge 1048577 bytes']);
  expect(verdict(rulesOfJsonSize(MAX_KEPT_BYTES))).toBe('accepted');
  expect(verdict(rulesOfJsonSize(MAX_KEPT_BYTES + 1))).toEqual(['TooLarge 1556481 bytes as JSON']);
});
