import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { formatVersion } from '../policy/kubernetes-version.ts';
import type { Finding } from '../policy/lint/lint.ts';
import type { Profile } from '../policy/lint/profiles.ts';
import { describeWitness } from '../policy/requests/describe.ts';
import type { LintedPolicy } from './linted-policy.ts';
import { printableJson } from './terminal.ts';

export function lintJson(
  linted: readonly LintedPolicy[],
  version: KubernetesVersion,
  profiles: readonly Profile[],
): string {
  const report = {
    kubernetesVersion: formatVersion(version),
    profiles,
    policies: linted.map(({ policy, findings, ignored, undecided }) => ({
      file: policy.source.name,
      ...(policy.name !== undefined ? { name: policy.name } : {}),
      ...(policy.namespace !== undefined ? { namespace: policy.namespace } : {}),
      findings: findings.map(asJson),
      ignored: ignored.map(({ finding, reason }) => ({ ...asJson(finding), reason })),
      undecided,
    })),
  };
  return `${printableJson(JSON.stringify(report, null, 2))}\n`;
}

/** The page of a rule. */
export function docsOf(id: string): string {
  return `docs/reference/lint-rules.md#${id.toLowerCase()}`;
}

function asJson(finding: Finding): object {
  const { id, severity, ruleIndex, path, message, hint, witness, position } = finding;
  return {
    id,
    severity,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    path,
    message,
    hint,
    ...(witness === undefined ? {} : { witness: { text: describeWitness(witness), ...witness } }),
    ...(position === undefined ? {} : { position }),
    docs: docsOf(id),
  };
}
