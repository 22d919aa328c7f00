import { saysTheSame, type Condition } from '../../api/condition.ts';
import type { ClusterDeployment } from '../../plan/observed/cluster-deployment.ts';
import { MOST_REWRITES } from '../../plan/reverts.ts';

/** A condition that has stood this long and then is replaced was not contested before. */
const STANDS_MS = 10 * 60_000;
const FIRST_REST_MS = 5 * 60_000;
const LONGEST_REST_MS = 60 * 60_000;

/** What was last said of a cluster, and what became of it. */
interface Word {
  said: Condition | undefined;
  saidAt: number;
  /** How often in a row this was replaced soon after it was said. */
  losses: number;
  isLost: boolean;
  /** Until then it is not said again. */
  restUntil: number;
}

/** Told when the operator gives way for a while. */
export type OnRest = (deployment: ClusterDeployment, losses: number, restMs: number) => void;

/**
 * Keeps the operator from saying the same thing for ever to a writer that puts its own condition in the place of ours, as KCM
 * does at each of its turns, and takes a turn at each of our writes. A word is said again twice, then rarely (ADR 8).
 * Nothing rolls because of a condition, so a restart may begin anew.
 */
export class Contest {
  readonly #words = new Map<string, Word>();
  readonly #onRest: OnRest;

  constructor(onRest: OnRest) {
    this.#onRest = onRest;
  }

  /** Notes what the API server has taken as our condition; undefined when it was removed. */
  said({ key }: ClusterDeployment, condition: Condition | undefined, nowMs: number): void {
    const before = this.#words.get(key);
    const losses = before !== undefined && isSame(before.said, condition) ? before.losses : 0;
    this.#words.set(key, { said: condition, saidAt: nowMs, losses, isLost: false, restUntil: 0 });
  }

  /** The deployment as a plan should see it: while we give way, with our own word in the place of the other's. */
  seen(deployment: ClusterDeployment, nowMs: number): ClusterDeployment {
    const word = this.#words.get(deployment.key);
    if (word === undefined || isSame(word.said, deployment.condition)) return deployment;
    if (!word.isLost) this.#lose(word, deployment, nowMs);
    if (nowMs >= word.restUntil) return deployment;
    const ours = { ...deployment };
    if (word.said === undefined) delete ours.condition;
    else ours.condition = word.said;
    return ours;
  }

  /** How long we still give way; undefined when we do not. */
  restMs(key: string, nowMs: number): number | undefined {
    const until = this.#words.get(key)?.restUntil ?? 0;
    return until > nowMs ? until - nowMs : undefined;
  }

  forget(key: string): void {
    this.#words.delete(key);
  }

  #lose(word: Word, deployment: ClusterDeployment, nowMs: number): void {
    word.isLost = true;
    word.losses = nowMs - word.saidAt >= STANDS_MS ? 1 : word.losses + 1;
    if (word.losses <= MOST_REWRITES) return;
    const restMs = Math.min(FIRST_REST_MS * 2 ** (word.losses - MOST_REWRITES - 1), LONGEST_REST_MS);
    word.restUntil = nowMs + restMs;
    this.#onRest(deployment, word.losses, restMs);
  }
}

function isSame(a: Condition | undefined, b: Condition | undefined): boolean {
  return a === undefined || b === undefined ? a === b : saysTheSame(a, b);
}
