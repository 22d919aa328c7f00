import type { PolicyContent } from '../content.ts';
import { describeWitness } from '../requests/describe.ts';
import { lintPolicy, type Finding, type LintOptions } from './lint.ts';

/** kubectl shows them one below the other; more than a few nobody reads. */
const MAX_WARNINGS = 5;
/** The API server drops what is longer, and truncates them all beyond 4 KiB together. */
const MAX_CHARACTERS = 256;

/**
 * What an admission webhook may warn of: errors first, then warnings, at most five, one line each. Whether to warn at all is the
 * caller's choice. The work is bounded far below what a request may wait for.
 */
export function lintWarnings(content: PolicyContent, options: LintOptions = {}): string[] {
  const { findings } = lintPolicy(content, {
    space: { maxPerQuestion: 20_000, maxTotal: 100_000 },
    ...options,
  });
  const worst = (['error', 'warning'] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  const shown = worst.length > MAX_WARNINGS ? worst.slice(0, MAX_WARNINGS - 1) : worst;
  const more = worst.length - shown.length;
  return [
    ...shown.map(warningText),
    ...(more > 0 ? [`and ${more} more: kubectl audit-policy lint shows all`] : []),
  ];
}

function warningText({ id, path, message, witness }: Finding): string {
  const where = path === '' ? '' : `${path}: `;
  const text = `${id} ${where}${message}${witness === undefined ? '' : ` (${describeWitness(witness)})`}`;
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
}
