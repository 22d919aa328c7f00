import { PROFILES, type Profile } from '../../src/policy/lint/profiles.ts';
import { LINT_RULES } from '../../src/policy/lint/registry.ts';
import type { LintRule } from '../../src/policy/lint/rule.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/lint-rules.md */
export function lintRulesPage(): string {
  return page(
    'Lint rules',
    'src/policy/lint/rules',
    `What ${code('kubectl audit-policy lint')} looks for; how to use it is in [lint](../lint.md). Every example below is tested: the bad one has the finding, the good one has not.`,
    '## Profiles',
    table(
      ['Profile', 'What it is'],
      Object.entries(PROFILES).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## All rules',
    table(
      ['Rule', 'Severity', 'What is found', 'Profiles'],
      LINT_RULES.map((rule) => [
        `[${rule.id}](#${rule.id.toLowerCase()})`,
        rule.severity,
        rule.docs.title,
        profilesOf(rule),
      ]),
    ),
    `AP043, more volume than a budget, needs a log to tell: it is ${code('--budget-gb-day')} of [simulate](../simulate.md#in-ci).`,
    ...LINT_RULES.map(section),
  );
}

function section(rule: LintRule): string {
  const { title, why, fix, bad, good } = rule.docs;
  return [
    `## ${rule.id}`,
    `**${title.charAt(0).toUpperCase()}${title.slice(1)}.** Severity: ${rule.severity}. Profiles: ${profilesOf(rule)}.`,
    why,
    fix,
    `Bad:\n\n${yaml(bad)}`,
    `Good:\n\n${yaml(good)}`,
  ].join('\n\n');
}

function profilesOf({ profiles }: LintRule): string {
  const all = Object.keys(PROFILES) as Profile[];
  const missing = all.filter((profile) => !profiles.includes(profile));
  if (missing.length === 0) return 'all';
  if (missing.length <= 2 && profiles.length > 2) return `all but ${missing.map(code).join(', ')}`;
  return all
    .filter((profile) => profiles.includes(profile))
    .map(code)
    .join(', ');
}

const MAX_LINES = 30;

/** Of a long example, its begin: the page is for people. */
function yaml(text: string): string {
  const lines = text.split('\n');
  const shown =
    lines.length > MAX_LINES ? [...lines.slice(0, 3), '# … and so on', ...lines.slice(-2)] : lines;
  return `<!-- prettier-ignore -->\n\`\`\`yaml\n${shown.join('\n')}\n\`\`\``;
}
