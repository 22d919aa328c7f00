import { compilePolicy } from '../evaluate.ts';
import { RequestSpace, type Witness } from '../requests/space.ts';
import type { AuditPolicy } from '../types.ts';
import type { Detection } from './detection.ts';
import { questionsOf, wordsOf, type Question } from './patterns.ts';
import { likelier } from './likelier.ts';
import { seeingRules, sightOf, type Sight } from './sight.ts';
import { viewKey, viewOf, type View } from './view.ts';

/** What a policy leaves a detection to see. */
export interface Judged {
  detection: Detection;
  sight: Sight;
  /** A request that it should see and does not; of `partly` and `blind`. */
  unseen?: Witness;
}

/** Comparisons of boxes for all detections together, some 2 million a second. */
const MAX_TOTAL = 5_000_000;

interface Asked {
  view: View;
  space: RequestSpace;
}

/**
 * What each detection can see of the requests that it looks at, when a cluster records by this policy. Exact for all requests there
 * can be, by `RequestSpace`; `undecided` is for policies that would take too long.
 */
export function judgeDetections(policy: AuditPolicy, detections: readonly Detection[]): Judged[] {
  const words = wordsOf([policy]);
  const questions = new Map(detections.map((detection) => [detection, questionsOf(detection, words)]));
  const asked = new Map<string, Asked>();
  for (const [key, some] of Map.groupBy([...questions.values()].flat(), viewKey)) {
    const view = viewOf(policy, some, words);
    const patterns = some.map(({ pattern }) => pattern);
    asked.set(key, { view, space: new RequestSpace(view.policy, { patterns, maxTotal: MAX_TOTAL }) });
  }
  const decide = compilePolicy(policy);
  return detections.map((detection) => {
    const own = questions.get(detection) ?? [];
    const isSeeing = seeingRules(policy, detection);
    const unseen = find(own, asked, (rule, isOfNobody) => !isSeeing(rule, isOfNobody));
    const seen = unseen === undefined ? undefined : find(own, asked, isSeeing);
    const sight = sightOf(seen, unseen);
    if (unseen === undefined || unseen === 'undecided' || sight === 'undecided') return { detection, sight };
    const request = likelier(detection, unseen.request, (one) => decide(one).rule === unseen.rule);
    return { detection, sight, unseen: { ...unseen, request } };
  });
}

/** A request of the questions that one of these rules decides. */
function find(
  questions: readonly Question[],
  asked: ReadonlyMap<string, Asked>,
  isWanted: (rule: number, isOfNobody: boolean) => boolean,
): Witness | undefined | 'undecided' {
  let isUndecided = false;
  for (const question of questions) {
    const one = asked.get(viewKey(question));
    if (one === undefined) continue;
    for (const [place, rule] of one.view.rules) {
      const found = isWanted(rule, question.isOfNobody)
        ? one.space.decidedBy(place, question.pattern)
        : undefined;
      if (found === 'undecided') isUndecided = true;
      else if (found !== undefined) return ofPolicy(found, rule, question);
    }
  }
  return isUndecided ? 'undecided' : undefined;
}

/** The witness of a view, as one of the policy itself. */
function ofPolicy({ request, level }: Witness, rule: number, { isOfNobody }: Question): Witness {
  return { request: isOfNobody ? { ...request, user: null, groups: [] } : request, rule, level };
}
