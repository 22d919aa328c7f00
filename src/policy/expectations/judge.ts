import { explain, type Explanation } from '../explain/explain.ts';
import type { RequestAttributes } from '../evaluate.ts';
import type { AuditPolicy } from '../types.ts';
import type { Expectation } from './test-file.ts';

/** Word for a request that no rule matches. */
export const NO_RULE = 'none';

/** A policy, and the comment that stands above a rule in its text. */
export interface JudgedPolicy {
  policy: AuditPolicy;
  commentOf: (rule: number) => string;
}

/** What a policy decides about a request, and in what that differs from what was expected. */
export interface Judgement {
  request: RequestAttributes;
  explanation: Explanation;
  /** Whole sentences; empty when all is as expected. */
  failures: readonly string[];
}

/** Holds a policy's decision about a request against an expectation. */
export function judge(judged: JudgedPolicy, request: RequestAttributes, expected: Expectation): Judgement {
  const explanation = explain(judged.policy, request);
  const { level, rule } = explanation.decision;
  const failures = [
    ...(level === expected.level ? [] : [`expected level ${expected.level}, found ${level}`]),
    ...ruleFailure(judged, rule, expected.rule),
    ...stagesFailure(explanation.stages, expected.stages),
  ];
  return { request, explanation, failures };
}

function ruleFailure({ commentOf }: JudgedPolicy, found: number, expected: Expectation['rule']): string[] {
  const actual = found < 0 ? 'no rule' : `rule ${found + 1}`;
  if (expected === undefined) return [];
  if (expected === NO_RULE) return found < 0 ? [] : [`expected no rule to match, found ${actual}`];
  if (typeof expected === 'number')
    return expected === found + 1 ? [] : [`expected rule ${expected}, found ${actual}`];
  const comment = found < 0 ? '' : commentOf(found);
  if (plain(comment).includes(plain(expected))) return [];
  return [
    `expected the rule with the comment "${expected}", found ${actual}${comment === '' ? '' : `, "${comment}"`}`,
  ];
}

/** Comments are wrapped at will. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}

/** A panic is no stage that anybody expects. */
function stagesFailure(found: readonly string[], expected: readonly string[] | undefined): string[] {
  if (expected === undefined) return [];
  const ordered = (stages: readonly string[]): string =>
    stages
      .filter((stage) => stage !== 'Panic' || expected.includes('Panic'))
      .toSorted()
      .join(', ');
  if (ordered(found) === ordered([...new Set(expected)])) return [];
  return [`expected the stages ${expected.join(', ') || '(none)'}, found ${found.join(', ') || '(none)'}`];
}

/** The comment that stands directly above a line of a text (from 1), on lines of its own. */
export function commentAbove(text: string, line: number): string {
  const lines = text.split(/\r\n|\r|\n/).slice(0, line - 1);
  const start = lines.findLastIndex((each) => !/^\s*#/.test(each)) + 1;
  return lines
    .slice(start)
    .map((each) => each.replace(/^\s*#+\s?/, '').trimEnd())
    .join(' ');
}
