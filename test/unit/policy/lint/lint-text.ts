import { readPolicyFile, type PolicyContent } from '../../../../src/policy/content.ts';
import type { KubernetesVersion } from '../../../../src/policy/kubernetes-version.ts';
import { siftIgnored, type Sifted } from '../../../../src/policy/lint/ignore.ts';
import { lintPolicy, type LintOptions } from '../../../../src/policy/lint/lint.ts';

/** Lints a policy file as the command does, for one version when there is one. */
export function lintText(text: string, options: LintOptions = {}): Sifted {
  const result = lintPolicy(read(text, options.version), options);
  return siftIgnored(text, result.findings, result.checked);
}

function read(text: string, version: KubernetesVersion | undefined): PolicyContent {
  const content = readPolicyFile(text);
  const refusals = version === undefined ? [] : (content.accepted?.problemsFor(version) ?? []);
  if (refusals.length === 0 || content.accepted === undefined) return content;
  const { accepted, ...rest } = content;
  return { ...rest, draft: accepted.policy, problems: [...content.problems, ...refusals] };
}
