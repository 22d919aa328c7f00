import { siftIgnored, type IgnoredFinding } from '../policy/lint/ignore.ts';
import { lintPolicy, type Finding, type LintOptions } from '../policy/lint/lint.ts';
import type { CheckedPolicy } from './checked-policy.ts';

/** A policy, and what lint says of it. */
export interface LintedPolicy {
  policy: CheckedPolicy;
  /** In the order of the text. */
  findings: readonly Finding[];
  /** Those that a comment silences. */
  ignored: readonly IgnoredFinding[];
  /** Ids of rules that could not be decided within the bound on their work. */
  undecided: readonly string[];
}

/** Lints the policies of one input. Its comments count for all of them; what is wrong with a comment is told with the first. */
export function lintInput(policies: readonly CheckedPolicy[], options: LintOptions): LintedPolicy[] {
  const results = policies.map((policy) => lintPolicy(policy, options));
  const all = results.flatMap(({ findings }) => findings);
  // A comment may belong to any of them.
  const [first] = results;
  const checked = new Set(
    [...(first?.checked ?? [])].filter((id) => results.every((one) => one.checked.has(id))),
  );
  const sifted = siftIgnored(policies[0]?.source.text ?? '', all, checked);
  const left = new Set(sifted.findings);
  const known = new Set(all);
  const ofComments = sifted.findings.filter((finding) => !known.has(finding));
  return policies.map((policy, index) => {
    const { findings = [], undecided = [] } = results[index] ?? {};
    const own = [...findings.filter((finding) => left.has(finding)), ...(index === 0 ? ofComments : [])];
    const mine = new Set(findings);
    const ignored = sifted.ignored.filter(({ finding }) => mine.has(finding));
    return { policy, findings: own.sort(byLine), ignored, undecided };
  });
}

function byLine({ position: a }: Finding, { position: b }: Finding): number {
  return a && b ? a.line - b.line || a.column - b.column : 0;
}
