import { compilePolicy } from '../evaluate.ts';
import { PolicyPair, type PairWitness } from '../requests/pair.ts';
import type { AuditPolicy } from '../types.ts';
import type { Detection } from './detection.ts';
import { judgeDetections } from './judge.ts';
import { likelier } from './likelier.ts';
import { questionsOf, wordsOf, type Question } from './patterns.ts';
import { seeingRules, type Sight } from './sight.ts';
import { viewKey, viewOf, type View } from './view.ts';

/** What a change of the policy does to a detection. */
export interface SightChange {
  detection: Detection;
  before: Sight;
  after: Sight;
  /** A request that it saw and will not see, if there is one. */
  lost: PairWitness | undefined | 'undecided';
  /** One that it did not see and will. */
  gained: PairWitness | undefined | 'undecided';
}

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
      pair: new PolicyPair(first.policy, second.policy, patterns),
    });
  }
  const [judgedBefore, judgedAfter] = [before, after].map((policy) => judgeDetections(policy, detections));
  const [decideBefore, decideAfter] = [compilePolicy(before), compilePolicy(after)];
  return detections.map((detection, i) => {
    const [isSeenBefore, isSeenAfter] = [seeingRules(before, detection), seeingRules(after, detection)];
    const own = questions.get(detection) ?? [];
    const readable = (
      found: PairWitness | undefined | 'undecided',
    ): PairWitness | undefined | 'undecided' => {
      if (found === undefined || found === 'undecided') return found;
      const isAlike = (one: PairWitness['request']): boolean =>
        decideBefore(one).rule === found.before.rule && decideAfter(one).rule === found.after.rule;
      return { ...found, request: likelier(detection, found.request, isAlike) };
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
): PairWitness | undefined | 'undecided' {
  let isUndecided = false;
  for (const question of questions) {
    const one = asked.get(viewKey(question));
    if (one === undefined) continue;
    const found = one.pair.find(question.pattern, (before, after) => {
      const [first, second] = [one.before.rules.get(before), one.after.rules.get(after)];
      return first !== undefined && second !== undefined && isWanted(first, second, question.isOfNobody);
    });
    if (found === 'undecided') isUndecided = true;
    else if (found !== undefined) return ofPolicies(found, one, question);
  }
  return isUndecided ? 'undecided' : undefined;
}

/** The witness of two views, as one of the policies themselves. */
function ofPolicies(
  { request, before, after }: PairWitness,
  asked: Asked,
  { isOfNobody }: Question,
): PairWitness {
  const ruleIn = (view: View, place: number): number => view.rules.get(place) ?? -1;
  return {
    request: isOfNobody ? { ...request, user: null, groups: [] } : request,
    before: { rule: ruleIn(asked.before, before.rule), level: before.level },
    after: { rule: ruleIn(asked.after, after.rule), level: after.level },
  };
}
