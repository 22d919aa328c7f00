import { isObject } from '../api/json.ts';
import { describe, quote } from './decode-describe.ts';
import { POLICY_SPEC } from './decode-schema.ts';
import { decodePolicyObject, toDecodedPolicy, type DecodedPolicy } from './decode-policy.ts';
import { addProblem, type DecodeContext, type Locate } from './decode-value.ts';
import type { ParsedDocument } from './documents.ts';
import { nearest, normalise } from './suggest.ts';

/**
 * Decodes the `spec` of a ClusterAuditPolicy, from the API or from text: its only field is `policy`. Problems' paths begin with
 * `spec`; `positionOf` takes paths relative to the spec.
 */
export function decodePolicyManifestSpec(spec: unknown, positionOf: Locate = () => undefined): DecodedPolicy {
  const context: DecodeContext = { basePath: 'spec', positionOf, problems: [] };
  if (!isObject(spec)) {
    addProblem(context, [], 'value', {
      code: 'WrongType',
      message: `expected an object with the field "policy", found ${describe(spec)}`,
    });
    return { problems: context.problems };
  }
  for (const key of Object.keys(spec)) if (key !== 'policy') unknownInSpec(context, key);
  if (spec.policy === undefined || spec.policy === null) {
    addProblem(context, ['policy'], 'key', {
      code: 'WrongType',
      message: `expected a policy with "rules" in the field "policy", found ${describe(spec.policy)}`,
    });
    return toDecodedPolicy(undefined, context.problems);
  }
  const decoded = decodePolicyObject(spec.policy, {
    basePath: 'spec.policy',
    embedded: true,
    positionOf: (path, part) => positionOf(['policy', ...path], part),
  });
  return toDecodedPolicy(decoded.policy ?? decoded.draft, [...context.problems, ...decoded.problems]);
}

/** Decodes the policy of a ClusterAuditPolicy manifest that came from text, with the problems of the text itself. */
export function decodePolicyManifest(document: ParsedDocument): DecodedPolicy {
  if (document.value === undefined) return { problems: document.problems };
  const spec = isObject(document.value) ? document.value.spec : undefined;
  const decoded = decodePolicyManifestSpec(spec, (path, part) =>
    document.positionOf(['spec', ...path], part),
  );
  return toDecodedPolicy(decoded.policy ?? decoded.draft, [...document.problems, ...decoded.problems]);
}

function unknownInSpec(context: DecodeContext, key: string): void {
  const inPolicy = [...POLICY_SPEC.fields.keys()].find((field) => normalise(field) === normalise(key));
  const near = inPolicy === undefined ? nearest(key, ['policy']) : undefined;
  const advice =
    inPolicy !== undefined
      ? `"${inPolicy}" belongs one level down, in "policy"`
      : near !== undefined
        ? `did you mean "${near}"?`
        : 'the spec of a ClusterAuditPolicy has only policy';
  addProblem(context, [key], 'key', {
    code: 'UnknownField',
    message: `unknown field ${quote(key)}: ${advice}`,
    ...(near !== undefined && { suggestion: near }),
  });
}
