import { NEWLINE, OPEN_LIST, OPEN_OBJECT } from './json-characters.ts';
import { FALCO_DETECTIONS } from '../policy/detections/falco.ts';
import { compileDetection } from '../policy/detections/matcher.ts';
import { seeingRules } from '../policy/detections/sight.ts';
import { compilePolicy, type Evaluator, type RequestAttributes } from '../policy/evaluate.ts';
import type { AuditPolicy } from '../policy/types.ts';
import { compareEvent, type Judged } from './compare-event.ts';
import { countInLog, countInPolicy, readable, sample, type ReadEvent } from './count-event.ts';
import type { SeenEvents } from './duplicates.ts';
import { BrokenJson, eachItem, eachMember, skipSpace } from './json-bytes.ts';
import { outcomeOf } from './outcome.ts';
import { EventReader } from './read-event.ts';
import type { RecordedEvent } from './recorded-event.ts';
import { createTally, MOST_PROBLEMS, type BlockPlace, type Tally } from './tally.ts';

/** What is asked of a log. Plain data. */
export interface SimulationPlan {
  policies: readonly AuditPolicy[];
  /** What the log was recorded with, where that is known. */
  recordedWith?: AuditPolicy;
}

const ITEMS = Buffer.from('items');

/** Reads blocks of a log and counts what policies make of it. Several of them, with one set of seen events, can share a log. */
export class Simulator {
  readonly tally: Tally;
  readonly #seen: SeenEvents;
  readonly #reader = new EventReader();
  readonly #policies: readonly Evaluator[];
  readonly #recorder: Evaluator | undefined;
  readonly #wantsBare: boolean;
  /** Whether each of Falco's rules looks at a request; empty when there is nothing to compare. */
  readonly #sights: readonly ((request: RequestAttributes) => boolean)[];
  /** By policy and detection: whether what a rule writes is enough for it. */
  readonly #seeing: readonly (readonly ((rule: number, isOfNobody: boolean) => boolean)[])[];

  constructor({ policies, recordedWith }: SimulationPlan, seen: SeenEvents) {
    this.#seen = seen;
    this.#policies = policies.map(compilePolicy);
    this.#recorder = recordedWith && compilePolicy(recordedWith);
    this.#wantsBare = policies.some(
      (policy) =>
        policy.omitManagedFields === true || policy.rules?.some((rule) => rule.omitManagedFields === true),
    );
    this.#sights = policies.length > 1 ? FALCO_DETECTIONS.map(compileDetection) : [];
    this.#seeing = policies.map((policy) =>
      this.#sights.length === 0 ? [] : FALCO_DETECTIONS.map((one) => seeingRules(policy, one)),
    );
    this.tally = createTally(
      policies.map(({ rules }) => rules?.length ?? 0),
      FALCO_DETECTIONS.length,
    );
  }

  /**
   * A block of whole lines, each with an event or a list of events.
   * @param number of the block, in the order of the log
   * @returns how many lines it has
   */
  readLines(block: Buffer, number: number): number {
    let line = 0;
    for (let start = 0; start < block.length; line++) {
      const newline = block.indexOf(NEWLINE, start);
      const end = newline < 0 ? block.length : newline;
      this.readValue(block, start, end, { block: number, line });
      start = end + 1;
    }
    return line;
  }

  /** One JSON value: an event, a list of them, or `{"items": [...]}` as the webhook backend sends. */
  readValue(bytes: Buffer, start: number, end: number, place: BlockPlace): void {
    const from = skipSpace(bytes, start, end);
    if (from === end) return;
    this.#attempt(place, () => this.#readValue(bytes, from, end, place));
  }

  #attempt(place: BlockPlace, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof BrokenJson)) throw error;
      this.report(place, error.message);
    }
  }

  /** Notes what cannot be read. The message must not quote it. */
  report(place: BlockPlace, message: string): void {
    const { problems } = this.tally.log;
    problems.count++;
    if (problems.first.length < MOST_PROBLEMS) problems.first.push({ ...place, message });
  }

  #readValue(bytes: Buffer, start: number, end: number, place: BlockPlace): void {
    if (bytes[start] === OPEN_LIST) {
      requireEnd(bytes, this.#readItems(bytes, start, end, place), end);
      return;
    }
    if (bytes[start] !== OPEN_OBJECT) throw new BrokenJson('it is no JSON object');
    const event = this.#reader.read(bytes, start, end);
    if (event !== undefined) this.#count(event, place);
    else if (!this.#readList(bytes, start, end, place)) this.tally.log.foreign++;
  }

  #readItems(bytes: Buffer, start: number, end: number, place: BlockPlace): number {
    return eachItem(bytes, start, end, (from, to) => {
      // Of a list whose items can be told apart a broken one is lost, and no other.
      this.#attempt(place, () => {
        const event = bytes[from] === OPEN_OBJECT ? this.#reader.read(bytes, from, to) : undefined;
        if (event === undefined) this.tally.log.foreign++;
        else this.#count(event, place);
      });
    });
  }

  #readList(bytes: Buffer, start: number, end: number, place: BlockPlace): boolean {
    let isList = false;
    eachMember(bytes, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
      const isItems =
        keyEnd - keyStart === ITEMS.length && bytes.compare(ITEMS, 0, ITEMS.length, keyStart, keyEnd) === 0;
      if (!isItems || bytes[valueStart] !== OPEN_LIST) return;
      isList = true;
      this.#readItems(bytes, valueStart, valueEnd, place);
    });
    return isList;
  }

  #count(event: RecordedEvent, place: BlockPlace): void {
    const { tally } = this;
    if (event.identity && !this.#seen.add(event.identity)) {
      tally.log.duplicates++;
      return;
    }
    const read = readable(event);
    const recorder = this.#recorder?.(event.request);
    countInLog(tally.log, read, recorder, place);
    sample(tally.samples, read, this.#wantsBare);
    const judgements: Judged[] = [];
    for (const [index, decide] of this.#policies.entries()) {
      const decision = decide(event.request);
      const outcome = outcomeOf(event, decision);
      const policy = tally.policies[index];
      if (policy !== undefined) countInPolicy(policy, read, decision, outcome, recorder);
      judgements.push({ decision, outcome });
    }
    if (read.isEnd && judgements.length > 1) this.#compare(read, judgements, place);
  }

  #compare(read: ReadEvent, [first, ...others]: readonly Judged[], place: BlockPlace): void {
    if (first === undefined) return;
    const { request } = read.event;
    const isOfNobody = request.user === null;
    const looking = this.#sights.flatMap((looksAt, detection) => (looksAt(request) ? [detection] : []));
    for (const [index, judged] of others.entries()) {
      const comparison = this.tally.comparisons[index];
      if (comparison === undefined) continue;
      compareEvent(comparison, read, first, judged, place);
      for (const detection of looking) {
        const seen = comparison.detections[detection];
        if (seen === undefined) continue;
        if (this.#seeing[0]?.[detection]?.(first.decision.rule, isOfNobody)) seen.before++;
        if (this.#seeing[index + 1]?.[detection]?.(judged.decision.rule, isOfNobody)) seen.after++;
      }
    }
  }
}

function requireEnd(bytes: Buffer, behind: number, end: number): void {
  if (skipSpace(bytes, behind, end) !== end) throw new BrokenJson('something stands behind its end');
}
