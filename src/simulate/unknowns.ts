import { decisionsOf, type Decision } from '../policy/evaluate.ts';
import { describeRequest } from '../policy/requests/describe.ts';
import { PolicyPair } from '../policy/requests/pair.ts';
import { RequestSpace } from '../policy/requests/space.ts';
import { LEVELS, type AuditPolicy, type Level } from '../policy/types.ts';
import type { Unknown } from './result.ts';

/** What the recording policy keeps from a log that a rule would write: with one request of each kind. */
export class Recorder {
  readonly #policy: AuditPolicy;
  readonly #space: RequestSpace;
  readonly #byRule = new Map<number, Unknown[]>();

  /** @param recordedWith undefined when it is not known */
  constructor(policy: AuditPolicy, recordedWith: AuditPolicy | undefined) {
    this.#policy = policy;
    this.#space = new RequestSpace(policy);
    if (recordedWith !== undefined) this.#meet(recordedWith);
  }

  /** Why the figures of a rule may not be the whole. */
  unknownsOf(rule: number): readonly Unknown[] {
    return this.#byRule.get(rule) ?? [];
  }

  /** Said of a rule that no event reaches: whether any could. */
  unreachable(rule: number): Unknown | undefined {
    if (rule < 0) return undefined;
    const reach = this.#space.reach(rule);
    if (reach.state === 'empty')
      return { reason: 'unreachable', message: 'No request matches this rule, whatever stands before it.' };
    if (reach.state !== 'unreachable') return undefined;
    const earlier = reach.coveredBy.map((one) => `rules[${one}]`).join(', ');
    return { reason: 'unreachable', message: `No request reaches this rule: ${earlier} take them all.` };
  }

  #meet(recordedWith: AuditPolicy): void {
    const wanted = decisionsOf(this.#policy);
    const recorded = decisionsOf(recordedWith);
    const ofRule = (rule: number) => wanted.byRule[rule] ?? wanted.noMatch;
    const ofRecorder = (rule: number) => recorded.byRule[rule] ?? recorded.noMatch;
    const { met, undecided } = new PolicyPair(this.#policy, recordedWith).meetings({
      isAsked: (a, b) => lacks(ofRule(a), ofRecorder(b)).length > 0,
    });
    for (const { a, b, request } of met) {
      for (const [reason, what] of lacks(ofRule(a), ofRecorder(b))) {
        const message = `The recording policy does not write ${what}, such as ${describeRequest(request)}${
          b < 0 ? '' : ` (its rules[${b}])`
        }.`;
        this.#add(a, { reason, message });
      }
    }
    for (const { a } of undecided) {
      const message =
        'Whether the recording policy writes all that this rule takes would take too long to find out.';
      this.#add(a, { reason: 'unrecorded', message });
    }
  }

  #add(rule: number, unknown: Unknown): void {
    const known = this.#byRule.get(rule) ?? [];
    if (!known.some(({ reason }) => reason === unknown.reason)) known.push(unknown);
    this.#byRule.set(rule, known);
  }
}

/** What one decision writes of a request and another does not. */
function lacks(wanted: Decision, recorded: Decision): [Unknown['reason'], string][] {
  const depth = LEVELS.indexOf(wanted.level as Level);
  const recordedDepth = LEVELS.indexOf(recorded.level as Level);
  if (depth <= 0)
    return recordedDepth <= 0 ? [['unrecorded', 'some of the requests that this rule drops']] : [];
  if (recordedDepth <= 0) return [['unrecorded', 'some of the requests that this rule takes']];
  const stages = recorded.omitStages.filter((stage) => !wanted.omitStages.includes(stage));
  const hasBodies = depth >= LEVELS.indexOf('Request');
  return [
    ...(stages.length > 0
      ? [['stages', `stage ${stages.join(', ')} of some requests`] satisfies [Unknown['reason'], string]]
      : []),
    ...(hasBodies && recorded.omitManagedFields && !wanted.omitManagedFields
      ? [['managed-fields', 'managed fields of some requests'] satisfies [Unknown['reason'], string]]
      : []),
  ];
}

/** Said of every rule where the recording policy is not known. */
export const UNKNOWN_RECORDER: Unknown = {
  reason: 'recorder',
  message:
    'Which policy recorded the log is not known (--recorded-with, and nothing in the log against it): what it left out is missing here, so the figures are lower bounds.',
};

export function unknownBodies(kinds: readonly string[]): Unknown {
  const named = kinds.slice(0, 3).join(', ') + (kinds.length > 3 ? ` and ${kinds.length - 3} more` : '');
  return {
    reason: 'bodies',
    message: `The log has no bodies, or too few to judge by, of: ${named}. They are not counted.`,
  };
}
