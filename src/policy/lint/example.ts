import type { LintRule } from './rule.ts';

/** The example of a rule as a whole policy file. */
export function exampleFile(text: string): string {
  return text.startsWith('apiVersion') ? `${text}\n` : `apiVersion: audit.k8s.io/v1\nkind: Policy\n${text}\n`;
}

/** The profile that the examples of a rule are for. */
export function exampleProfile({ profiles }: LintRule): LintRule['profiles'][number] {
  return profiles[0] ?? 'baseline';
}
