import type { PolicyContent } from '../content.ts';
import { describeWitness } from '../requests/describe.ts';
import { lintPolicy, type Finding, type LintOptions } from './lint.ts';

/** kubectl shows them one below the other; more than a few nobody reads. */
const MAX_WARNINGS = 5;
/** Of one warning: when all of a request's have more than 4 KiB, the API server cuts each to so many. */
const MAX_CHARACTERS = 256;

/** Thirty times what policies of the field need, and some hundredths of a second. */
const BOUNDS = { maxPerQuestion: 10_000, maxTotal: 30_000, maxPairs: 20_000, maxBits: 10_000_000 };

/**
 * What an admission webhook may warn of: errors first, then warnings, at most five, one line each. Whether to warn at all is the
 * caller's choice. The work is bounded far below what a request may wait for; what is left undecided by that is the last warning.
 */
export function lintWarnings(content: PolicyContent, options: LintOptions = {}): string[] {
  const { findings, undecided } = lintPolicy(content, { space: BOUNDS, ...options });
  const worst = (['error', 'warning'] as const).flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  const unsaid = undecided.length > 0 ? [undecidedText(undecided)] : [];
  const room = MAX_WARNINGS - unsaid.length;
  const shown = worst.length > room ? worst.slice(0, room - 1) : worst;
  const more = worst.length - shown.length;
  return [
    ...shown.map(warningText),
    ...(more > 0 ? [`and ${more} more: kubectl audit-policy lint shows all`] : []),
    ...unsaid,
  ];
}

function warningText({ id, path, message, witness }: Finding): string {
  const where = path === '' ? '' : `${path}: `;
  return short(`${id} ${where}${message}${witness === undefined ? '' : ` (${describeWitness(witness)})`}`);
}

function undecidedText(ids: readonly string[]): string {
  return short(
    `not decided, since a request may not wait for it: kubectl audit-policy lint looks longer at ${ids.join(', ')}`,
  );
}

function short(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS - 1)}…`;
}
