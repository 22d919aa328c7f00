import { describeWitness } from '../policy/requests/describe.ts';
import type { Finding } from '../policy/lint/lint.ts';
import { SEVERITIES } from '../policy/lint/rule.ts';
import type { LintedPolicy } from './linted-policy.ts';
import { formatPlace, linesOf } from './problem-text.ts';
import { printableLine } from './terminal.ts';

/** More of one rule in one policy come from one mistake, or from an enemy. */
const MAX_SHOWN = 100;
const PAGE = 'docs/reference/lint-rules.md';

/** `file:line:column: warning: … [AP034]`, the source line with a caret, the witness and a hint; then the sum. */
export function lintText(linted: readonly LintedPolicy[]): string {
  const findings = linted.flatMap((one) => one.findings);
  const ignored = linted.reduce((sum, one) => sum + one.ignored.length, 0);
  const counts = SEVERITIES.map((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return `${number} ${severity}${number === 1 ? '' : 's'}`;
  });
  const policies = `${linted.length} ${linted.length === 1 ? 'policy' : 'policies'} linted`;
  const sum = [policies, ...counts, ...(ignored > 0 ? [`${ignored} ignored`] : [])].join(', ');
  const page = findings.length > 0 ? `${PAGE} explains each rule\n` : '';
  return `${linted.map(policyText).join('')}${page}${sum}\n`;
}

function policyText({ policy, findings, undecided }: LintedPolicy): string {
  const { source, title } = policy;
  const lines = linesOf(source);
  const shown = findings.slice(0, MAX_SHOWN).map((finding) => findingText(source.name, finding, lines));
  const more = findings.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`${source.name}: and ${more} more`] : []),
    ...undecided.map(
      (id) => `${title}: info: ${id} could not be decided: the policy is too large for the work allowed`,
    ),
    ...(findings.length + undecided.length === 0 ? [`${title}: no findings`] : []),
  ]
    .map((text) => `${text}\n`)
    .join('');
}

function findingText(
  file: string,
  { id, severity, path, message, hint, witness, position }: Finding,
  lines: readonly string[],
): string {
  const said = printableLine(`${path === '' ? '' : `${path}: `}${message} [${id}]`);
  return [
    formatPlace(file, position, lines, `${severity}: ${said}`),
    ...(witness === undefined ? [] : [`   witness: ${printableLine(describeWitness(witness))}`]),
    `   hint: ${printableLine(hint)}`,
  ].join('\n');
}
