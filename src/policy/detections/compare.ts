import { compilePolicy, type RequestAttributes } from '../evaluate.ts';
import { PolicyPair, type Meeting } from '../requests/pair.ts';
import type { AuditPolicy } from '../types.ts';
import type { Detection } from './detection.ts';
import { judgeDetections } from './judge.ts';
import { likelier } from './likelier.ts';
import { questionsOf, wordsOf, type Question } from './patterns.ts';
import { seeingRules, type Sight } from './sight.ts';
import { viewKey, viewOf, type View } from './view.ts';

/** A request, and what each of two policies decides about it; a rule is -1 when none matches. */
export interface ChangeWitness {
  request: RequestAttributes;
  before: { rule: number; level: string };
  after: { rule: number; level: string };
}

/** What a change of the policy does to a detection. */
export interface SightChange {
  detection: Detection;
  before: Sight;
  after: Sight;
  /** A request that it saw and will not see, if there is one. */
  lost: ChangeWitness | undefined | 'undecided';
  /** One that it did not see and will. */
  gained: ChangeWitness | undefined | 'undecided';
}

/** Comparisons of boxes, some 2 million a second: for one question, which is about all pairs of rules, and for all of them. */
const BOUND = { maxPerQuestion: 1_000_000, maxTotal: 5_000_000 };

interface Asked {
  before: View;
  after: View;
  pair: PolicyPair;
}

/**
 * What each detection loses and gains when a cluster goes from one policy to another: by single requests, so that one which stays
 * `partly` and sees other things than before is no exception.
 */
export function compareDetections(
  before: AuditPolicy,
  after: AuditPolicy,
  detections: readonly Detection[],
): SightChange[] {
  const words = wordsOf([before, after]);
  const questions = new Map(detections.map((detection) => [detection, questionsOf(detection, words)]));
  const asked = new Map<string, Asked>();
  for (const [key, some] of Map.groupBy([...questions.values()].flat(), viewKey)) {
    const [first, second] = [viewOf(before, some, words), viewOf(after, some, words)];
    const patterns = some.map(({ pattern }) => pattern);
    asked.set(key, {
      before: first,
      after: second,
      pair: new PolicyPair(first.policy, second.policy, { ...BOUND, patterns }),
    });
  }
  const [judgedBefore, judgedAfter] = [before, after].map((policy) => judgeDetections(policy, detections));
  const [decideBefore, decideAfter] = [compilePolicy(before), compilePolicy(after)];
  return detections.map((detection, i) => {
    const [isSeenBefore, isSeenAfter] = [seeingRules(before, detection), seeingRules(after, detection)];
    const own = questions.get(detection) ?? [];
    const readable = (
      found: RequestAttributes | undefined | 'undecided',
    ): ChangeWitness | undefined | 'undecided' => {
      if (found === undefined || found === 'undecided') return found;
      const [before, after] = [decideBefore(found), decideAfter(found)];
      const isAlike = (one: RequestAttributes): boolean =>
        decideBefore(one).rule === before.rule && decideAfter(one).rule === after.rule;
      return { request: likelier(detection, found, isAlike), before, after };
    };
    return {
      detection,
      before: judgedBefore?.[i]?.sight ?? 'undecided',
      after: judgedAfter?.[i]?.sight ?? 'undecided',
      lost: readable(
        find(
          own,
          asked,
          (one, other, isOfNobody) => isSeenBefore(one, isOfNobody) && !isSeenAfter(other, isOfNobody),
        ),
      ),
      gained: readable(
        find(
          own,
          asked,
          (one, other, isOfNobody) => !isSeenBefore(one, isOfNobody) && isSeenAfter(other, isOfNobody),
        ),
      ),
    };
  });
}

/** A request of the questions that two rules decide, one of each policy. */
function find(
  questions: readonly Question[],
  asked: ReadonlyMap<string, Asked>,
  isWanted: (before: number, after: number, isOfNobody: boolean) => boolean,
): RequestAttributes | undefined | 'undecided' {
  let isUndecided = false;
  for (const question of questions) {
    const one = asked.get(viewKey(question));
    if (one === undefined) continue;
    const found = one.pair.find(question.pattern, (before, after) => {
      const [first, second] = [one.before.rules.get(before), one.after.rules.get(after)];
      return first !== undefined && second !== undefined && isWanted(first, second, question.isOfNobody);
    });
    if (found === 'undecided') isUndecided = true;
    else if (found !== undefined) return requestOf(found, question);
  }
  return isUndecided ? 'undecided' : undefined;
}

/** Views of requests without a user have no rule that asks for one: what they found may have got a user. */
function requestOf({ request }: Meeting, { isOfNobody }: Question): RequestAttributes {
  return isOfNobody ? { ...request, user: null, groups: [] } : request;
}
