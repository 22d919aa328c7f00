import { isObject, type JsonObject } from '../api/json.ts';
import { describe, placeholderIn, quote, templateMessage } from './decode-describe.ts';
import { METADATA, POLICY_SPEC, POLICY_V1 } from './decode-schema.ts';
import { toAuditPolicy } from './decode-to-policy.ts';
import { addProblem, decodeStruct, decodeValue, type DecodeContext, type Locate } from './decode-value.ts';
import { byPosition } from './documents.ts';
import type { Problem } from './problem.ts';
import { normalise } from './suggest.ts';
import type { AuditPolicy } from './types.ts';

/** The one version that kube-apiserver reads, since 1.24. */
export const POLICY_API_VERSION = 'audit.k8s.io/v1';
export const POLICY_KIND = 'Policy';

export interface DecodedPolicy {
  /** Given when there is no problem of severity error. */
  policy?: AuditPolicy;
  /** What could be made of a policy with errors: to look for more of them, and for nothing else. */
  draft?: AuditPolicy;
  /** Everything that is wrong, in the order of the text when positions are known, else of the fields. */
  problems: Problem[];
}

export interface DecodeOptions {
  /** What problems' paths begin with: `spec.policy`, or empty. */
  basePath: string;
  /** Inside a ClusterAuditPolicy, where apiVersion, kind and metadata have no place but are often pasted along. */
  embedded: boolean;
  positionOf?: Locate;
}

/**
 * Decodes a policy from a value that was parsed already. Strict: unknown fields and values of a wrong type are errors, each
 * with its path and what would be right. Never throws, whatever JSON it is given. Whether the values are allowed is for
 * `validatePolicy`.
 */
export function decodePolicyObject(value: unknown, options: DecodeOptions): DecodedPolicy {
  const { basePath, positionOf = () => undefined } = options;
  const context: DecodeContext = { basePath, positionOf, problems: [] };
  const policy = options.embedded ? decodeEmbedded(context, value) : decodeWhole(context, value);
  return toDecodedPolicy(policy, context.problems);
}

/** Sorts the problems, and withholds the policy when one of them is an error. */
export function toDecodedPolicy(policy: AuditPolicy | undefined, problems: Problem[]): DecodedPolicy {
  const sorted = problems.toSorted(byPosition);
  const isRefused = policy === undefined || problems.some(({ severity }) => severity === 'error');
  if (!isRefused) return { policy, problems: sorted };
  return policy === undefined ? { problems: sorted } : { draft: policy, problems: sorted };
}

/** The policy inside a ClusterAuditPolicy. */
function decodeEmbedded(context: DecodeContext, value: unknown): AuditPolicy | undefined {
  if (!isObject(value)) return refuseValue(context, value);
  if ('apiVersion' in value) checkTypeMeta(context, 'apiVersion', value.apiVersion, POLICY_API_VERSION, true);
  if ('kind' in value) checkTypeMeta(context, 'kind', value.kind, POLICY_KIND, true);
  if ('metadata' in value) ignore(context, 'metadata');
  return toAuditPolicy(decodeStruct(context, withoutMeta(value), POLICY_SPEC, []));
}

/** A Policy of its own, as in a policy file. */
function decodeWhole(context: DecodeContext, value: unknown): AuditPolicy | undefined {
  if (!isObject(value)) return refuseValue(context, value);
  const isVersion = checkTypeMeta(context, 'apiVersion', value.apiVersion, POLICY_API_VERSION, false);
  const isKind = checkTypeMeta(context, 'kind', value.kind, POLICY_KIND, false);
  // Of another kind altogether every field would be unknown, which helps nobody.
  if (!isKind && !isVersion && typeof value.kind === 'string' && value.kind !== '') return undefined;
  decodeValue(context, value.metadata, METADATA, ['metadata']);
  return toAuditPolicy(decodeStruct(context, withoutMeta(value), POLICY_V1, []));
}

function withoutMeta(value: JsonObject): JsonObject {
  const entries = Object.entries(value).filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key));
  return Object.fromEntries(entries);
}

function refuseValue(context: DecodeContext, value: unknown): AuditPolicy | undefined {
  const placeholder = typeof value === 'string' ? placeholderIn(value) : undefined;
  addProblem(
    context,
    [],
    'value',
    placeholder === undefined
      ? {
          code: 'WrongType',
          message: `expected a policy as an object with "rules", found ${describe(value)}`,
        }
      : { code: 'UnsubstitutedPlaceholder', message: templateMessage(placeholder) },
  );
  return undefined;
}

/** Checks apiVersion or kind; answers whether it is the right one. Inside a ClusterAuditPolicy the right one is superfluous. */
function checkTypeMeta(
  context: DecodeContext,
  field: 'apiVersion' | 'kind',
  found: unknown,
  expected: string,
  isEmbedded: boolean,
): boolean {
  if (found === expected) {
    if (isEmbedded) ignore(context, field);
    return true;
  }
  const code = field === 'apiVersion' ? 'WrongApiVersion' : 'WrongKind';
  const placeholder = typeof found === 'string' ? placeholderIn(found) : undefined;
  if (placeholder !== undefined) {
    addProblem(context, [field], 'value', {
      code: 'UnsubstitutedPlaceholder',
      message: templateMessage(placeholder),
    });
    return false;
  }
  const state = found === undefined ? 'is missing' : found === null || found === '' ? 'is empty' : undefined;
  const message =
    state === undefined
      ? `expected ${quote(expected)}, found ${describe(found)}${reasonFor(found)}`
      : `${field} ${state}`;
  const advice = isEmbedded ? 'remove the field, it has no place here' : `write ${field}: ${expected}`;
  addProblem(context, [field], found === undefined ? 'key' : 'value', {
    code,
    message: `${message}: ${advice}`,
    suggestion: expected,
  });
  return false;
}

function reasonFor(found: unknown): string {
  if (typeof found !== 'string') return '';
  if (/^audit\.k8s\.io\/v1(?:alpha|beta)1$/.test(found)) return ', which Kubernetes 1.24 removed';
  return normalise(found) === 'clusterauditpolicy' ? ', which holds its policy in spec.policy' : '';
}

function ignore(context: DecodeContext, field: string): void {
  addProblem(context, [field], 'key', {
    code: 'IgnoredField',
    severity: 'warning',
    message: `${field} is ignored inside spec.policy: remove it`,
  });
}
