import type { Manifest } from './examples.ts';
import { inPlace, summary } from './fleet-view.ts';
import type { Expectation, Journal } from './journal.ts';
import { auditCondition, contentHash, eventFacts } from './narrate.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';

/** What the scenes play with. */
export interface Play {
  readonly stage: Stage;
  readonly journal: Journal;
  readonly terminal: Terminal;
  readonly clusters: readonly Manifest[];
}

/** Waits until the expectation holds; also fails when the operator ends meanwhile. */
export async function until(play: Play, expectation: Expectation): Promise<void> {
  const { journal, stage } = play;
  const watch = setInterval(() => {
    void stage.assertOperatorRuns().catch((error: unknown) => journal.fail(error));
  }, 100);
  try {
    await journal.until(expectation);
  } finally {
    clearInterval(watch);
  }
}

/** Waits for the operator's condition on a cluster; `message` is a part of its message. */
export async function untilCondition(
  play: Play,
  cluster: string,
  status: string,
  reason: string,
  message = '',
): Promise<void> {
  const seen = () => auditCondition(play.journal.get('Cluster', cluster));
  await until(play, {
    expected: `${cluster}: ${status} ${reason}${message === '' ? '' : `, with ${message} in the message`}`,
    holds: () => {
      const found = seen();
      return found?.status === status && found.reason === reason && found.message.includes(message);
    },
    found: () => summary(play.journal, cluster),
  });
}

/** Values and ConfigMap agree on a hash, and the condition says so. */
export async function untilInPlace(
  play: Play,
  cluster: string,
  what: string,
  isRight: (hash: string) => boolean,
): Promise<void> {
  await until(play, {
    expected: `${cluster}: ${what}, in ConfigMap, values and condition`,
    holds: () => {
      const hash = inPlace(play.journal, cluster);
      const condition = auditCondition(play.journal.get('Cluster', cluster));
      return (
        hash !== undefined &&
        isRight(hash) &&
        contentHash(play.journal.get('ConfigMap', `${cluster}-audit-policy`)) === hash &&
        condition?.status === 'True' &&
        condition.message.includes(hash)
      );
    },
    found: () => summary(play.journal, cluster),
  });
}

/** Waits for an Event about the object of that name. */
export async function untilEvent(play: Play, about: string, type: string, reason: string): Promise<void> {
  const events = () =>
    play.journal
      .list('Event')
      .map(eventFacts)
      .filter(({ name }) => name === about);
  await until(play, {
    expected: `an Event on ${about}: ${type} ${reason}`,
    holds: () => events().some((event) => event.type === type && event.reason === reason),
    found: () =>
      events()
        .map((event) => `${event.type} ${event.reason}`)
        .join(', ') || 'none',
  });
}

/** Says what holds, or fails the demo with it. */
export async function check(play: Play, what: string, holds: () => boolean): Promise<void> {
  await until(play, { expected: what, holds, found: () => 'it is not so' });
  play.terminal.good(what);
}
