import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFile, exampleProfile } from '../../../../src/policy/lint/example.ts';
import { PROFILES, type Profile } from '../../../../src/policy/lint/profiles.ts';
import { LINT_RULES } from '../../../../src/policy/lint/registry.ts';
import type { LintRule } from '../../../../src/policy/lint/rule.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../../../../src/policy/problem.ts';
import { lintPolicy } from '../../../../src/policy/lint/lint.ts';
import { lintText } from './lint-text.ts';

const found = (text: string, rule: LintRule): string[] => {
  const { version } = rule.docs;
  const { findings } = lintText(exampleFile(text), {
    profiles: [exampleProfile(rule)],
    ...(version && { version }),
  });
  return findings.filter(({ id }) => id === rule.id).map(({ severity }) => severity);
};
const named = LINT_RULES.map((rule) => [rule.id, rule] as const);

describe('the examples of a rule', () => {
  test.each(named)('%s: the bad one has the finding', (_, rule) => {
    expect(found(rule.docs.bad, rule)).toContain(rule.severity);
  });

  test.each(named)('%s: the good one has not', (_, rule) => {
    const severities = found(rule.docs.good, rule);
    expect(severities.filter((severity) => severity !== 'info')).toEqual([]);
    expect(rule.severity === 'info' ? severities : []).toEqual([]);
  });

  test.each(named)('%s: both have a place, and the finding says what to do', (_, rule) => {
    const { findings } = lintText(exampleFile(rule.docs.bad), {
      profiles: [exampleProfile(rule)],
      ...(rule.docs.version && { version: rule.docs.version }),
    });
    for (const { position, message, hint } of findings) {
      expect(position).toBeDefined();
      expect(message).not.toMatch(/[.\n]$/);
      expect(hint).not.toMatch(/^$|[\n]|\.$/);
    }
  });
});

describe('the registry', () => {
  test('has every file of the folder, each with an id of its own', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../../src/policy/lint/rules'));
    const ids = LINT_RULES.map(({ id }) => id);
    expect(files.map((name) => name.replace(/-.*/, '')).sort()).toEqual(
      ids.map((id) => id.toLowerCase()).sort(),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
  });

  test('every profile has rules, and every rule a profile', () => {
    const used = new Set(LINT_RULES.flatMap(({ profiles }) => profiles));
    expect([...used].sort()).toEqual(Object.keys(PROFILES).sort());
    expect(LINT_RULES.filter(({ profiles }) => profiles.length === 0)).toEqual([]);
  });

  const problem = (code: ProblemCode, path: string, message = ''): Problem => ({
    code,
    path,
    message,
    severity: 'error',
  });
  const cases: [string, Problem][] = [
    ...Object.keys(PROBLEMS)
      .filter((code) => code !== 'InvalidValue')
      .map((code): [string, Problem] => [code, problem(code as ProblemCode, 'x')]),
    ['a level', problem('InvalidValue', 'rules[0].level')],
    ['a stage', problem('InvalidValue', 'rules[0].omitStages[1]')],
    ['a stage of the policy', problem('InvalidValue', 'omitStages[0]')],
    ['a URL', problem('InvalidValue', 'rules[0].nonResourceURLs[1]')],
    ['URLs beside resources', problem('InvalidValue', 'rules[0].nonResourceURLs')],
    ['a group', problem('InvalidValue', 'rules[0].resources[0].group')],
    ['any group', problem('InvalidValue', 'rules[0].resources[0].group', 'x: Invalid value: "*": y')],
    ['names', problem('InvalidValue', 'rules[0].resources[0].resourceNames')],
  ];
  test.each(cases)(
    'what validation says of %s is the finding of exactly one rule, in every profile',
    (_, one) => {
      for (const profile of Object.keys(PROFILES) as Profile[]) {
        const { findings } = lintPolicy({ problems: [one] }, { profiles: [profile] });
        expect(findings).toHaveLength(1);
      }
    },
  );
});
