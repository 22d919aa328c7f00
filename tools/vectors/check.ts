import { isDeepStrictEqual } from 'node:util';
import { readStrict } from '../../src/policy/decode-upstream.ts';
import { evaluate, type RequestAttributes } from '../../src/policy/evaluate.ts';
import { shortHash } from '../../src/policy/hash.ts';
import { NEWEST_TESTED } from '../../src/policy/kubernetes-version.ts';
import { renderPolicy } from '../../src/policy/render.ts';
import { aggregate, loadRefusal, validatePolicy } from '../../src/policy/validate.ts';
import { policyFromJson, withoutEmpty } from './policy.ts';
import type { FileKind } from './read.ts';

/** What upstream's code answered and what ours does, each reduced to the part that is the contract. */
export interface Comparison {
  expected: unknown;
  actual: unknown;
}

/** A line of a vector file: an object with `expect`. */
export type Vector = Record<string, unknown> & { expect: Record<string, unknown> };

/**
 * Compares our answer to one vector with upstream's, as test/vectors/README.md has it. Throws when the vector is not what
 * its kind needs; a kind that is not known is such a case.
 */
export function compareVector(fileKind: FileKind, vector: Vector): Comparison {
  if (fileKind === 'render') return compareRender(vector);
  if (fileKind === 'evaluate') return compareEvaluate(vector);
  if (vector.kind === 'policy') return comparePolicy(vector);
  if (vector.kind === 'decode') return compareDecode(vector);
  throw new Error(`unknown kind of line in a validate file: ${JSON.stringify(vector.kind)}`);
}

export function isSame({ expected, actual }: Comparison): boolean {
  return isDeepStrictEqual(actual, expected);
}

/** Of an error only the fact counts. */
function compareRender({ policy, expect }: Vector): Comparison {
  const rendered = renderPolicy(policyFromJson(policy));
  const isError = 'error' in expect;
  return {
    expected: isError ? { error: true } : { yaml: expect.yaml, hash: expect.hash },
    actual: rendered.ok ? { yaml: rendered.yaml, hash: shortHash(rendered.yaml) } : { error: true },
  };
}

function comparePolicy({ policy: json, expect }: Vector): Comparison {
  const policy = policyFromJson(json);
  const errors = validatePolicy(policy, NEWEST_TESTED);
  const refusal = loadRefusal(policy, NEWEST_TESTED);
  const load = object(expect.load);
  const hasNoFile = 'renderError' in load;
  return {
    expected: {
      errors: expect.errors,
      details: expect.details,
      aggregate: expect.aggregate ?? '',
      load: { ok: load.ok, error: hasNoFile ? 'no rendered file' : load.error },
    },
    actual: {
      errors: errors.map(({ message }) => message),
      details: errors.map(({ field, type, value, detail }) => ({ field, type, value, detail })),
      aggregate: aggregate(errors),
      load: {
        ok: refusal === undefined,
        error: hasNoFile && refusal !== undefined && !renderPolicy(policy).ok ? 'no rendered file' : refusal,
      },
    },
  };
}

/** Texts of syntax and type errors name Go types and are not compared; those of strictness are, where upstream lists them. */
function compareDecode({ document, expect }: Vector): Comparison {
  if (typeof document !== 'string') throw new Error('a line of kind decode needs a document');
  const strict = object(expect.strict);
  const read = readStrict(document);
  const accepted = (policy: unknown) => withoutEmpty(policyFromJson(policy));
  const hasProblems = strict.problems !== undefined;
  return {
    expected: strict.ok
      ? { ok: true, gvk: strict.gvk, policy: accepted(strict.policy) }
      : { ok: false, strictOnly: strict.strictOnly, problems: strict.problems },
    actual: read.ok
      ? { ok: true, gvk: read.gvk, policy: accepted(read.policy) }
      : { ok: false, strictOnly: read.strictOnly, problems: hasProblems ? read.problems : undefined },
  };
}

/** Upstream's order of stages is random: they compare as sets. */
function compareEvaluate({ policy, request, expect }: Vector): Comparison {
  const decision = evaluate(policyFromJson(policy), requestFromJson(request));
  const asSet = (stages: unknown) =>
    Array.isArray(stages) ? [...new Set(stages.map(String))].sort() : stages;
  return {
    expected: {
      rule: expect.rule,
      level: expect.level,
      omitStages: asSet(expect.omitStages),
      omitManagedFields: expect.omitManagedFields,
    },
    actual: { ...decision, omitStages: asSet(decision.omitStages) },
  };
}

function requestFromJson(value: unknown): RequestAttributes {
  const fields = object(value);
  const text = (key: string): string => {
    const found = fields[key] ?? '';
    if (typeof found !== 'string') throw new Error(`request.${key} is no string`);
    return found;
  };
  const groups = fields.groups ?? [];
  if (!Array.isArray(groups)) throw new Error('request.groups is no list');
  return {
    user: (fields.user ?? null) === null ? null : text('user'),
    groups: groups.map(String),
    verb: text('verb'),
    namespace: text('namespace'),
    apiGroup: text('apiGroup'),
    apiVersion: text('apiVersion'),
    resource: text('resource'),
    subresource: text('subresource'),
    name: text('name'),
    path: text('path'),
    isResourceRequest: fields.isResourceRequest === true,
  };
}

/** Narrows JSON to an object. Throws for anything else. */
export function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`expected an object, found ${JSON.stringify(value)}`);
  }
  return value as Record<string, unknown>;
}
