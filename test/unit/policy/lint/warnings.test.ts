import { readPolicyFile, readPolicySpec } from '../../../../src/policy/content.ts';
import { lintWarnings } from '../../../../src/policy/lint/warnings.ts';

const spec = (...rules: object[]) => readPolicySpec({ policy: { rules } });

describe('what a webhook may warn of', () => {
  test('errors first, then warnings, with rule, path and witness', () => {
    const warnings = lintWarnings(
      spec({ level: 'Metadata', users: ['robot'], verbs: ['*'] }, { level: 'Request' }),
    );
    expect(warnings[0]).toBe(
      'AP008 rules[0].verbs[0]: "*" is no wildcard here: it matches only what is called so',
    );
    expect(warnings[1]).toMatch(
      /^AP021 rules\[1\]\.level: .* \(user=jane verb=create serviceaccounts\/token .* → Request by rules\[1\]\)$/,
    );
    expect(warnings[2]).toMatch(/^AP022 /);
  });

  test('at most five, and the last says how many are left', () => {
    const warnings = lintWarnings(
      spec(...Array.from({ length: 9 }, () => ({ level: 'Metadata', verbs: ['POST'] })), { level: 'None' }),
    );
    expect(warnings).toHaveLength(5);
    expect(warnings[4]).toMatch(/^and \d+ more: kubectl audit-policy lint shows all$/);
  });

  test('no infos', () => {
    const warnings = lintWarnings(spec({ level: 'Request', userGroups: ['humans'] }, { level: 'None' }), {
      profiles: ['allow-list'],
    });
    expect(warnings).toEqual([]);
    expect(lintWarnings(spec({ level: 'Metadata' })).join('\n')).not.toContain('AP032');
  });

  test('each is one short line of text, whatever is in the policy', () => {
    const long = `*${'x'.repeat(5000)}\u202e\n`;
    for (const warning of lintWarnings(
      spec({ level: 'Metadata', users: [long], verbs: [long] }, { level: 'Metadata' }),
    )) {
      expect(warning.length).toBeLessThanOrEqual(256);
      expect(warning).toMatch(/^[\x20-\x7e→…]*$/);
    }
  });

  test('of a refused policy: why', () => {
    expect(lintWarnings(readPolicyFile('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n'))).toEqual([
      expect.stringMatching(/^AP002 rules: loaded illegal policy with 0 rules/),
    ]);
  });
});
