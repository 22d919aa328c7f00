import type { KubernetesVersion } from './kubernetes-version.ts';
import { asRead } from './render.ts';
import type { AuditPolicy } from './types.ts';
import { aggregate, validatePolicy } from './validate.ts';

/** What kube-apiserver says to a policy without rules, which its validator lets pass. */
export const NO_RULES = 'loaded illegal policy with 0 rules';

/**
 * Why kube-apiserver of that version would not start with the rendered policy, in its own words (`LoadPolicyFromBytes` of
 * k8s.io/apiserver's pkg/audit/policy/reader.go), or why there is no rendered policy; undefined when it would start.
 */
export function loadRefusal(policy: AuditPolicy, version: KubernetesVersion): string | undefined {
  const read = asRead(policy);
  if (!read.ok) return read.error;
  const errors = validatePolicy(read.policy, version);
  if (errors.length > 0) return aggregate(errors);
  return (policy.rules ?? []).length === 0 ? NO_RULES : undefined;
}
