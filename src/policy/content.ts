import { isDeepStrictEqual } from 'node:util';
import { decodePolicyManifestSpec, decodePolicyText, type DecodedPolicy, type Locate } from './decode.ts';
import { fingerprint } from './fingerprint.ts';
import { sha256Hex } from './hash.ts';
import { NEWEST_TESTED, formatVersion, type KubernetesVersion } from './kubernetes-version.ts';
import type { Problem } from './problem.ts';
import { asRead, renderPolicy } from './render.ts';
import type { AuditPolicy } from './types.ts';
import { aggregate, toProblems, validatePolicy, type ValidationError } from './validate.ts';

/** The API server's limit for the data of one ConfigMap, in bytes. */
export const MAX_RENDERED_BYTES = 1024 * 1024;

/**
 * The most bytes that a kept copy may have: it is stored as JSON, in which quotation marks, backslashes and line feeds count
 * twice, and etcd takes 1.5 MiB with everything around it (`--max-request-bytes`).
 */
export const MAX_KEPT_BYTES = 1536 * 1024 - 16 * 1024;

/** A policy that every part of the program may rely on: it decodes, validates for the newest Kubernetes, and renders. */
export interface AcceptedPolicy {
  policy: AuditPolicy;
  /** What the ConfigMap holds, byte for byte what KCM writes. */
  yaml: string;
  /** Of `yaml`: 64 hex digits. */
  sha256: string;
  /** The first 8 of them: the contract's `policyRef.hash`. */
  hash: string;
  rules: number;
  /** Equal for two spellings of one policy. Computed when asked for. */
  fingerprint(): string;
  /** What kube-apiserver of an older version would refuse; empty when it would take the policy. */
  problemsFor(version: KubernetesVersion): readonly Problem[];
}

/** The outcome of reading a policy: accepted, or with at least one problem of severity error. Warnings go with both. */
export interface PolicyContent {
  accepted?: AcceptedPolicy;
  problems: readonly Problem[];
  /** What could be made of a policy with errors: to look for more of them, and for nothing else. */
  draft?: AuditPolicy;
  /** Where things stand in the text, for content that was read from one; paths begin at the policy. */
  locate?: Locate;
}

/**
 * The policy in the `spec` of a ClusterAuditPolicy.
 * @param locate for a spec that was read from text; paths begin below `spec`
 */
export function readPolicySpec(spec: unknown, locate?: Locate): PolicyContent {
  const decoded = decodePolicyManifestSpec(spec, locate);
  const inPolicy =
    locate && ((path: (string | number)[], part: 'key' | 'value') => locate(['policy', ...path], part));
  return { ...judge(decoded, inPolicy), ...(inPolicy && { locate: inPolicy }) };
}

/**
 * What upstream's validator says of the policy in a `spec`, letter for letter; empty when it would let it pass. Of a policy that
 * does not decode only the misspelt values are judged.
 */
export function upstreamRefusal(spec: unknown): string {
  const { policy, draft } = decodePolicyManifestSpec(spec);
  return aggregate(policy ? validatePolicy(policy, NEWEST_TESTED) : misspeltIn(draft));
}

/** The policy in the text of a policy file, an `audit.k8s.io/v1` Policy. */
export function readPolicyFile(text: string): PolicyContent {
  const decoded = decodePolicyText(text);
  return { ...judge(decoded, decoded.positionOf), locate: decoded.positionOf };
}

/** @param locate paths begin at the policy */
function judge(
  { policy, draft, problems: decoding }: DecodedPolicy,
  locate: Locate | undefined,
): PolicyContent {
  if (policy === undefined)
    return { problems: [...decoding, ...misspeltValues(draft, locate)], ...(draft && { draft }) };
  const invalid = toProblems(validatePolicy(policy, NEWEST_TESTED), policy, locate);
  if (invalid.length > 0) return { problems: [...decoding, ...invalid] };
  const rendered = renderPolicy(policy);
  if (!rendered.ok) {
    const message = `the policy cannot be written as YAML: ${rendered.error}`;
    return { problems: [...decoding, { code: 'CannotRender', severity: 'error', path: '', message }] };
  }
  const read = asRead(policy);
  if (!read.ok || !isDeepStrictEqual(read.policy, policy)) {
    const message =
      'a string holds U+0085 or half of a surrogate pair, which kube-apiserver would read otherwise than it is written: remove it.';
    return { problems: [...decoding, { code: 'CannotRender', severity: 'error', path: '', message }] };
  }
  const bytes = Buffer.byteLength(rendered.yaml);
  if (bytes > MAX_RENDERED_BYTES) {
    const message = `the rendered policy has ${bytes} bytes; a ConfigMap takes ${MAX_RENDERED_BYTES}: shorten it.`;
    return { problems: [...decoding, { code: 'TooLarge', severity: 'error', path: '', message }] };
  }
  const keptBytes = bytes * 2 <= MAX_KEPT_BYTES ? 0 : Buffer.byteLength(JSON.stringify(rendered.yaml));
  if (keptBytes > MAX_KEPT_BYTES) {
    const message = `the rendered policy has ${keptBytes} bytes as JSON, in which a copy of it is kept; that takes ${MAX_KEPT_BYTES}: shorten it, or use fewer quotation marks, backslashes and lines.`;
    return { problems: [...decoding, { code: 'TooLarge', severity: 'error', path: '', message }] };
  }
  return { accepted: accept(policy, rendered.yaml, locate), problems: decoding };
}

function accept(policy: AuditPolicy, yaml: string, locate: Locate | undefined): AcceptedPolicy {
  const sha256 = sha256Hex(yaml);
  const byVersion = new Map<string, readonly Problem[]>();
  return {
    policy,
    yaml,
    sha256,
    hash: sha256.slice(0, 8),
    rules: policy.rules?.length ?? 0,
    fingerprint: () => fingerprint(policy),
    problemsFor(version) {
      const key = formatVersion(version);
      const known = byVersion.get(key) ?? toProblems(validatePolicy(policy, version), policy, locate);
      byVersion.set(key, known);
      return known;
    },
  };
}

/** Misspelt levels and stages of a policy that has other errors: whoever mends it wants to know of all at once. */
function misspeltValues(draft: AuditPolicy | undefined, locate: Locate | undefined): Problem[] {
  if (draft?.rules === undefined || draft.rules.length === 0) return [];
  return toProblems(misspeltIn(draft), draft, locate);
}

function misspeltIn(draft: AuditPolicy | undefined): ValidationError[] {
  return validatePolicy(draft ?? {}, NEWEST_TESTED).filter(({ type }) => type === 'FieldValueNotSupported');
}
