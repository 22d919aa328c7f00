import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '../policy/lint/lint.ts';
import type { Profile } from '../policy/lint/profiles.ts';
import { LINT_RULES } from '../policy/lint/registry.ts';
import type { LintRule, Severity } from '../policy/lint/rule.ts';
import { describeWitness } from '../policy/requests/describe.ts';
import { docsOf } from './lint-output-json.ts';
import type { LintedPolicy } from './linted-policy.ts';
import { printableJson } from './terminal.ts';
import { VERSION } from './version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** SARIF 2.1.0, which code hosts show beside the lines. What a comment silences is in it, as suppressed. */
export function lintSarif(linted: readonly LintedPolicy[], profiles: readonly Profile[]): string {
  const rules = LINT_RULES.filter((rule) => rule.profiles.some((profile) => profiles.includes(profile)));
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const results = linted.flatMap(({ policy, findings, ignored }) => [
    ...findings.map((finding) => resultOf(policy.source.name, finding, indices)),
    ...ignored.map(({ finding, reason }) => ({
      ...resultOf(policy.source.name, finding, indices),
      suppressions: [{ kind: 'inSource', justification: reason }],
    })),
  ]);
  const notifications = linted.flatMap(({ policy, undecided }) =>
    undecided.map((id) => ({
      level: 'note',
      message: { text: `${policy.title}: ${id} could not be decided: the policy is too large` },
    })),
  );
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'audit-policy-operator', version: VERSION, rules: rules.map(ruleOf) } },
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: notifications }],
        columnKind: 'unicodeCodePoints',
        results,
      },
    ],
  };
  return `${printableJson(JSON.stringify(log, null, 2))}\n`;
}

function ruleOf({ id, severity, profiles, docs }: LintRule): object {
  const text = `${docs.why} ${docs.fix}`;
  return {
    id,
    shortDescription: { text: docs.title },
    fullDescription: { text: docs.why },
    help: { text: `${text} See ${docsOf(id)}.`, markdown: `${text} See \`${docsOf(id)}\`.` },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: profiles },
  };
}

function resultOf(file: string, finding: Finding, indices: ReadonlyMap<string, number>): object {
  const { id, severity, path, message, hint, witness, position } = finding;
  const why = witness === undefined ? '' : ` Witness: ${describeWitness(witness)}.`;
  const region = position && { region: { startLine: position.line, startColumn: position.column } };
  return {
    ruleId: id,
    ruleIndex: indices.get(id) ?? -1,
    level: LEVELS[severity],
    message: { text: `${path === '' ? '' : `${path}: `}${message}.${why} ${sentence(hint)}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region },
        ...(path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(sep).map(encodeURIComponent).join('/');
}
