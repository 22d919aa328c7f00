import { parseArgs, isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { readStrict } from '../../src/policy/decode.ts';
import { NEWEST_TESTED, type KubernetesVersion } from '../../src/policy/kubernetes-version.ts';
import { renderPolicy } from '../../src/policy/render.ts';
import type { AuditPolicy } from '../../src/policy/types.ts';
import { aggregate, validatePolicy } from '../../src/policy/validate.ts';
import { resolvePlainScalar } from '../../src/policy/yaml11-scalar.ts';
import { compareVector, isSame, object, type Vector } from '../../tools/vectors/check.ts';
import type { FileKind } from '../../tools/vectors/read.ts';
import { policyFromJson } from '../../tools/vectors/policy.ts';
import { askOracle } from '../oracle/ask.ts';
import { documentText } from '../unit/policy/arbitraries/documents.ts';
import {
  plainPolicy,
  plainVocabulary,
  policyOf,
  request,
  vocabularyOf,
} from '../unit/policy/arbitraries/policies.ts';
import { hostileString, nastyString, plainWord } from '../unit/policy/arbitraries/strings.ts';

/**
 * Holds src/policy against upstream's own code (test/oracle) on generated cases. `node test/long/differential.ts
 * [--seed N] [--scale F] [--only NAME]`. Prints the seed and, for each kind of case, how many agreed; exit status 1 on
 * any difference.
 */
interface Comparison {
  name: string;
  cases: number;
  questions: fc.Arbitrary<object>;
  /** The difference as text, or undefined when ours and upstream's answers agree. */
  difference: (question: object, expect: unknown) => string | undefined;
  oracle?: 'v0.35';
  /**
   * The share of cases in which ours may refuse what upstream reads, or for another reason: text that nobody writes, where
   * the parser below differs from yaml.v2. The other way round there is no tolerance: what ours accepts, upstream reads the
   * same.
   */
  mayRefuse?: number;
}

interface Counts {
  different: number;
  refused: number;
}

const BATCH = 5_000;
const V135: KubernetesVersion = { major: 1, minor: 35 };

const url = fc.oneof(
  plainVocabulary.url,
  nastyString,
  fc.constantFrom('/a*b', '**', 'a', '/é*', '*é', '/😀*😀'),
);
const group = fc.oneof(
  plainVocabulary.group,
  nastyString,
  fc.constantFrom(
    'a.b',
    'a..b',
    '-a',
    'a-',
    'A.b',
    'a_b',
    'a/v1',
    'a'.repeat(253),
    'a'.repeat(254),
    'é'.repeat(127),
  ),
);
const badPolicy = policyOf({
  ...plainVocabulary,
  level: fc.oneof({ weight: 3, arbitrary: plainVocabulary.level }, { weight: 1, arbitrary: hostileString }),
  stage: fc.oneof({ weight: 3, arbitrary: plainVocabulary.stage }, { weight: 1, arbitrary: hostileString }),
  user: hostileString,
  name: nastyString,
  url,
  group,
});

const comparisons: Comparison[] = [
  {
    name: 'render: one string in every place',
    cases: 100_000,
    questions: hostileString.map((text) => ({
      kind: 'render',
      policy: {
        omitStages: [text],
        rules: [{ level: text, users: [text, 'x', text], resources: [{ group: text, resources: [text] }] }],
      },
    })),
    difference: asVector('render'),
  },
  {
    name: 'render: whole policies',
    cases: 20_000,
    questions: policyOf(vocabularyOf(nastyString)).map((policy) => ({ kind: 'render', policy })),
    difference: asVector('render'),
  },
  {
    name: 'validate for 1.36',
    cases: 20_000,
    questions: badPolicy.map((policy) => ({ kind: 'policy', policy })),
    difference: asVector('validate'),
  },
  {
    name: 'validate for 1.35',
    cases: 10_000,
    questions: badPolicy.map((policy) => ({ kind: 'policy', policy })),
    difference: validateFor(V135),
    oracle: 'v0.35',
  },
  {
    name: 'evaluate',
    cases: 50_000,
    questions: fc.tuple(plainPolicy, request).map(([policy, attributes]) => ({
      kind: 'evaluate',
      policy,
      request: attributes,
    })),
    difference: asVector('evaluate'),
  },
  {
    name: 'scalars: words, numbers and dates',
    cases: 50_000,
    questions: plainWord.map((document) => ({ kind: 'scalar', document })),
    difference: scalarDifference,
  },
  {
    name: 'decode: what we render',
    cases: 20_000,
    questions: policyOf(vocabularyOf(nastyString)).map((policy) => ({
      kind: 'decode',
      document: rendered(policy),
    })),
    difference: asVector('validate'),
  },
  {
    name: 'decode: documents, most of them damaged',
    cases: 50_000,
    questions: documentText.map((document) => ({ kind: 'decode', document })),
    difference: asVector('validate'),
    mayRefuse: 0.002,
  },
];

function rendered(policy: AuditPolicy): string {
  const outcome = renderPolicy(policy);
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome.yaml;
}

function asVector(kind: FileKind): Comparison['difference'] {
  return (question, expect) => {
    const vector: Vector = { ...question, expect: object(expect) };
    const comparison = compareVector(kind, vector);
    return isSame(comparison)
      ? undefined
      : `  expected ${JSON.stringify(comparison.expected)}\n  actual   ${JSON.stringify(comparison.actual)}`;
  };
}

function validateFor(version: KubernetesVersion): Comparison['difference'] {
  return (question, expect) => {
    const errors = validatePolicy(policyFromJson(object(question).policy), version);
    const ours = { errors: errors.map(({ message }) => message), aggregate: aggregate(errors) };
    const { errors: messages, aggregate: whole = '' } = object(expect);
    return isDeepStrictEqual(ours, { errors: messages, aggregate: whole })
      ? undefined
      : `  expected ${JSON.stringify(messages)}\n  actual   ${JSON.stringify(ours.errors)}`;
  };
}

/** Floats compare as numbers; a timestamp or merge key read as a value is its text. */
function scalarDifference(question: object, expect: unknown): string | undefined {
  const { kind, value } = resolvePlainScalar(String(object(question).document));
  const isText = kind === 'timestamp' || kind === 'merge';
  const ours = { kind: isText ? 'str' : kind, value: value ?? undefined };
  const { kind: theirKind, value: text } = object(expect);
  const theirs = theirKind === 'float' ? Number(String(text).replace('Inf', 'Infinity')) : text;
  const isAlike = kind === 'float' ? Object.is(value, theirs) : ours.value?.toString() === theirs;
  return ours.kind === theirKind && isAlike
    ? undefined
    : `  expected ${JSON.stringify(expect)}\n  actual   ${ours.kind} ${String(value)}`;
}

/** Whether ours refuses a document: then a difference can harm nobody. */
function isRefusal(question: object): boolean {
  return !readStrict(String(object(question).document)).ok;
}

/** @returns how many cases are too many differences */
async function run(comparison: Comparison, seed: number, scale: number): Promise<number> {
  const cases = Math.ceil(comparison.cases * scale);
  const counts: Counts = { different: 0, refused: 0 };
  for (let done = 0; done < cases; done += BATCH) {
    const numRuns = Math.min(BATCH, cases - done);
    const questions = fc.sample(comparison.questions, { seed: seed + done, numRuns });
    const expected = await askOracle(questions, comparison.oracle);
    for (const [i, question] of questions.entries()) {
      const difference = differenceOf(comparison, question, expected[i]);
      if (difference === undefined) continue;
      if (comparison.mayRefuse !== undefined && isRefusal(question)) {
        counts.refused++;
        continue;
      }
      counts.different++;
      if (counts.different <= 10) console.log(`DIFFERENT ${JSON.stringify(question)}\n${difference}\n`);
    }
  }
  const { different, refused } = counts;
  const more =
    refused === 0 ? '' : `, ${refused} refused by ours that upstream reads, or refuses in other words`;
  console.log(`${comparison.name}: ${cases - different - refused} of ${cases} agree${more}`);
  return different + Math.max(0, refused - Math.floor(cases * (comparison.mayRefuse ?? 0)));
}

function differenceOf({ difference }: Comparison, question: object, expect: unknown): string | undefined {
  try {
    return difference(question, expect);
  } catch (error) {
    return `  ours failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31));
console.log(
  `seed ${seed}, scale ${values.scale}, against Kubernetes ${NEWEST_TESTED.major}.${NEWEST_TESTED.minor}`,
);
let different = 0;
for (const comparison of comparisons.filter(({ name }) => name.startsWith(values.only))) {
  different += await run(comparison, seed, Number(values.scale));
}
console.log(`${different} differences (seed ${seed})`);
process.exitCode = different > 0 ? 1 : 0;
