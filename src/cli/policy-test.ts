import { dirname, join } from 'node:path';
import { commentAbove, judge, type JudgedPolicy, type Judgement } from '../policy/expectations/judge.ts';
import { decodeTestFile, type PolicyTest, type PolicyTestCase } from '../policy/expectations/test-file.ts';
import { problemText } from '../policy/problem.ts';
import { shellWords } from '../policy/request/shell-words.ts';
import { UnclearRequest } from '../policy/request/request-spec.ts';
import { askedByKubectl, askedBySpec, type AskedRequest } from './asked-requests.ts';
import type { CheckedPolicy } from './checked-policy.ts';
import type { Input } from './inputs.ts';
import { UsageError, type Io } from './io.ts';
import { readPolicies, ruleLine } from './policies.ts';
import { formatProblems } from './problem-text.ts';
import { printableLine } from './terminal.ts';

/** A test, with what the policy decides about each of its requests. */
export interface RanTest {
  test: PolicyTestCase;
  judgements: readonly Judgement[];
  /** Why it fails; empty when it passes. */
  failures: readonly string[];
}

/** A file of expectations, run. */
export interface RanFile {
  source: Input;
  name: string;
  policy: CheckedPolicy;
  tests: readonly RanTest[];
}

/**
 * Runs a file of expectations. A policy that is refused fails all of them.
 * @throws UsageError when the file, or what it names, cannot be used
 */
export async function runTestFile(source: Input, io: Io): Promise<RanFile> {
  const { test: file, problems } = decodeTestFile(source.text);
  if (file === undefined) {
    const shown = formatProblems(source, problems).trimEnd();
    throw new UsageError(`this is no file of expectations:\n${shown}`);
  }
  const policy = await policyOf(source, file, io);
  const tests: RanTest[] = [];
  for (const test of file.tests) tests.push(await runTest(source, policy, test, io));
  return { source, name: file.name, policy, tests };
}

async function policyOf(source: Input, file: PolicyTest, io: Io): Promise<CheckedPolicy> {
  const path = besides(source, file.policy);
  const [policy, ...others] = await readPolicies([path], file.kubernetesVersion, io);
  if (policy === undefined || others.length > 0)
    throw new UsageError(
      `${source.name}: ${path} holds ${others.length + 1} policies: name a file with one.`,
    );
  return policy;
}

function besides(source: Input, path: string): string {
  return path.startsWith('/') ? path : join(dirname(source.name), path);
}

async function runTest(source: Input, policy: CheckedPolicy, test: PolicyTestCase, io: Io): Promise<RanTest> {
  const requests = await requestsOf(source, test, io);
  if (policy.accepted === undefined) return { test, judgements: [], failures: [refusal(policy)] };
  const judged: JudgedPolicy = {
    policy: policy.accepted.policy,
    commentOf: (rule) => commentAbove(policy.source.text, ruleLine(policy, rule) ?? 1),
  };
  const judgements = requests
    .filter(({ isMain }) => isMain)
    .map(({ request }) => judge(judged, request, test.expect));
  return { test, judgements, failures: judgements.flatMap(({ failures }) => failures) };
}

function refusal({ problems }: CheckedPolicy): string {
  const first = problems.find(({ severity }) => severity === 'error');
  return printableLine(`the policy is refused${first === undefined ? '' : `: ${problemText(first)}`}`);
}

async function requestsOf(
  source: Input,
  { kubectl, request, line, name }: PolicyTestCase,
  io: Io,
): Promise<readonly AskedRequest[]> {
  try {
    if (kubectl === undefined) return askedBySpec(request).requests;
    const words = shellWords(kubectl);
    return (await askedByKubectl(words, request, io, (path) => besides(source, path))).requests;
  } catch (error) {
    if (!(error instanceof UnclearRequest)) throw error;
    throw new UsageError(`${source.name}:${line}: test ${JSON.stringify(name)}: ${error.message}.`);
  }
}
