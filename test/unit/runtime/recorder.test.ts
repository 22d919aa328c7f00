import type { CoreEvent, EventUpdate } from '../../../src/runtime/events.ts';
import { EventRecorder } from '../../../src/runtime/recorder.ts';
import type { DroppedEvent, EventRecorderOptions } from '../../../src/runtime/recorder.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { statusError } from '../../support/fake-collection.ts';

function regarding(name = 'c1', namespace: string | undefined = 'fleet') {
  return { apiVersion: 'example.com/v1', kind: 'Thing', namespace, name, uid: `uid-${name}` };
}

/** An API that keeps events, and fails as told. */
class FakeEvents {
  readonly events = new Map<string, CoreEvent>();
  readonly calls: string[] = [];
  readonly failures: Error[] = [];
  inFlight = 0;
  mostInFlight = 0;
  hangs = false;

  async create(namespace: string, event: CoreEvent, signal: AbortSignal): Promise<void> {
    await this.#call('create', signal);
    this.events.set(`${namespace}/${event.metadata.name}`, event);
  }

  async update(namespace: string, name: string, patch: EventUpdate, signal: AbortSignal): Promise<void> {
    await this.#call('update', signal);
    const event = this.events.get(`${namespace}/${name}`);
    if (event === undefined) throw statusError({ status: 404 });
    this.events.set(`${namespace}/${name}`, { ...event, ...patch });
  }

  get summary(): string[] {
    return [...this.events.values()].map(
      ({ count, message, reason, type }) => `${type} ${reason} ${message} x${count}`,
    );
  }

  async #call(verb: string, signal: AbortSignal): Promise<void> {
    this.calls.push(verb);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
        if (!this.hangs) setImmediate(resolve);
      });
    } finally {
      this.inFlight -= 1;
    }
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

function start(options: Partial<EventRecorderOptions> = {}) {
  const clock = new FakeClock(Date.UTC(2026, 4, 1, 12));
  const sink = new FakeEvents();
  const dropped: DroppedEvent[] = [];
  const recorder = new EventRecorder({
    sink,
    clock,
    random: () => 0.5,
    component: 'test-operator',
    instance: 'pod-1',
    onDropped: (one) => dropped.push(one),
    ...options,
  });
  const stop = new AbortController();
  const running = recorder.run(stop.signal);
  const idle = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn += 1) await settle();
  };
  return { clock, sink, dropped, recorder, stop, running, idle };
}

async function end({ running, stop }: { stop: AbortController; running: Promise<void> }): Promise<void> {
  stop.abort();
  await running;
}

describe('EventRecorder', () => {
  test('writes an Event that the API takes and kubectl describe shows', async () => {
    const run = start();
    run.recorder.event(regarding(), 'Normal', 'Done', 'all is well');
    await run.idle();
    const [event] = run.sink.events.values();
    expect(event?.metadata.name).toMatch(/^c1\.[0-9a-f]{18}$/);
    expect(event).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: event?.metadata.name, namespace: 'fleet' },
      involvedObject: {
        apiVersion: 'example.com/v1',
        kind: 'Thing',
        namespace: 'fleet',
        name: 'c1',
        uid: 'uid-c1',
      },
      type: 'Normal',
      reason: 'Done',
      message: 'all is well',
      count: 1,
      firstTimestamp: '2026-05-01T12:00:00Z',
      lastTimestamp: '2026-05-01T12:00:00Z',
      source: { component: 'test-operator' },
      reportingComponent: 'test-operator',
      reportingInstance: 'pod-1',
    });
    await end(run);
  });

  test('equal events are one with a count, whether the first was sent already or not', async () => {
    const run = start();
    run.recorder.event(regarding(), 'Warning', 'Refused', 'rule 3');
    await run.idle();
    await run.clock.advance(90_000);
    run.recorder.event(regarding(), 'Warning', 'Refused', 'rule 3');
    run.recorder.event(regarding(), 'Warning', 'Refused', 'rule 3');
    await run.idle();
    expect(run.sink.summary).toEqual(['Warning Refused rule 3 x3']);
    expect(run.sink.calls).toEqual(['create', 'update']);
    const [event] = run.sink.events.values();
    expect([event?.firstTimestamp, event?.lastTimestamp]).toEqual([
      '2026-05-01T12:00:00Z',
      '2026-05-01T12:01:30Z',
    ]);
    await end(run);
  });

  test('events of other objects, types, reasons or messages are others, sent one at a time in order', async () => {
    const run = start();
    run.recorder.event(regarding('a'), 'Normal', 'R', 'm');
    run.recorder.event(regarding('b'), 'Normal', 'R', 'm');
    run.recorder.event(regarding('a'), 'Warning', 'R', 'm');
    run.recorder.event(regarding('a'), 'Normal', 'S', 'm');
    run.recorder.event(regarding('a'), 'Normal', 'R', 'n');
    await run.idle();
    expect(run.sink.summary).toEqual([
      'Normal R m x1',
      'Normal R m x1',
      'Warning R m x1',
      'Normal S m x1',
      'Normal R n x1',
    ]);
    expect([run.sink.mostInFlight, new Set(run.sink.events.keys()).size]).toEqual([1, 5]);
    await end(run);
  });

  test('from the eleventh of similar ones they are combined', async () => {
    const run = start();
    for (let number = 1; number <= 14; number += 1) {
      run.recorder.event(regarding(), 'Normal', 'R', `try ${number}`);
      await run.idle();
    }
    expect(run.sink.events.size).toBe(11);
    expect(run.sink.summary.at(-1)).toBe('Normal R (combined from similar events): try 14 x4');
    await run.clock.advance(601_000);
    run.recorder.event(regarding(), 'Normal', 'R', 'try 15');
    await run.idle();
    expect(run.sink.summary.at(-1)).toBe('Normal R try 15 x1');
    await end(run);
  });

  test('an object in a fault loop gets 25 events and then one in five minutes', async () => {
    const run = start();
    for (let second = 0; second < 3600; second += 1) {
      run.recorder.event(regarding(), 'Warning', 'Failed', 'again');
      run.recorder.event(regarding('calm'), 'Normal', 'R', second === 0 ? 'once' : '');
      if (second > 0) run.recorder.event(regarding(`other-${second % 50}`), 'Normal', 'R', 'm');
      await run.clock.advance(1000);
    }
    await run.idle();
    const looping = [...run.sink.events.values()].filter(
      ({ involvedObject }) => involvedObject.name === 'c1',
    );
    expect(looping.map(({ count }) => count)).toEqual([25 + 11]);
    expect(run.dropped.filter(({ event }) => event.regarding.name === 'c1').length).toBe(3600 - 36);
    expect(new Set(run.dropped.map(({ why }) => why))).toEqual(new Set(['spam']));
    await end(run);
  });

  test('an Event that the API has forgotten is created anew', async () => {
    const run = start();
    run.recorder.event(regarding(), 'Normal', 'R', 'm');
    await run.idle();
    run.sink.events.clear();
    run.recorder.event(regarding(), 'Normal', 'R', 'm');
    await run.idle();
    expect([run.sink.calls, run.sink.summary]).toEqual([['create', 'update', 'create'], ['Normal R m x1']]);
    await end(run);
  });

  test('a passing failure is tried again, a refusal is not', async () => {
    const errors: unknown[] = [];
    const run = start({ onError: (error) => errors.push(error) });
    run.sink.failures.push(
      statusError({ status: 503 }),
      statusError({ status: 409 }),
      new Error('connection refused'),
    );
    run.recorder.event(regarding('a'), 'Normal', 'R', 'm');
    for (let second = 0; second < 10; second += 1) {
      await run.idle();
      await run.clock.advance(1000);
    }
    expect([run.sink.summary, errors.length, run.dropped]).toEqual([['Normal R m x1'], 3, []]);
    run.sink.failures.push(statusError({ status: 403 }));
    run.recorder.event(regarding('b'), 'Normal', 'R', 'm');
    run.recorder.event(regarding('c'), 'Normal', 'R', 'm');
    await run.idle();
    expect(run.dropped.map(({ event, why }) => [event.regarding.name, why])).toEqual([['b', 'failed']]);
    expect([...run.sink.events.values()].map(({ involvedObject }) => involvedObject.name)).toEqual([
      'a',
      'c',
    ]);
    await end(run);
  });

  test('when too many wait the oldest gives way, and nobody is held up', async () => {
    const run = start({ capacity: 3 });
    run.sink.hangs = true;
    run.recorder.event(regarding('sending'), 'Normal', 'R', 'm');
    await settle();
    for (const name of ['a', 'b', 'c', 'd', 'e']) run.recorder.event(regarding(name), 'Normal', 'R', 'm');
    expect(run.recorder.pending).toBe(3);
    expect(run.dropped.map(({ dropped, event, why }) => [event.regarding.name, why, dropped])).toEqual([
      ['a', 'full', 1],
      ['b', 'full', 2],
    ]);
    run.stop.abort();
    await run.clock.advance(2000);
    await run.running;
  });

  test('while more important work waits events are held back, but not for ever, nor from a stop', async () => {
    let isBusy = true;
    const run = start({ isBusy: () => isBusy });
    run.recorder.event(regarding('a'), 'Normal', 'R', 'm');
    await run.clock.advance(299_000);
    expect(run.sink.calls).toEqual([]);
    run.recorder.event(regarding('b'), 'Normal', 'R', 'm');
    await run.clock.advance(2000);
    await run.idle();
    expect([run.sink.calls, run.recorder.pending]).toEqual([['create'], 1]);

    isBusy = false;
    await run.clock.advance(1000);
    await run.idle();
    expect([run.sink.calls, run.recorder.pending]).toEqual([['create', 'create'], 0]);

    isBusy = true;
    run.recorder.event(regarding('c'), 'Normal', 'R', 'm');
    await run.idle();
    expect(run.recorder.pending).toBe(1);
    await end(run);
    expect([run.sink.events.size, run.dropped, run.clock.timers]).toEqual([3, [], 0]);
  });

  test('a stop sends what is left, within its time', async () => {
    const run = start();
    for (const name of ['a', 'b', 'c']) run.recorder.event(regarding(name), 'Normal', 'R', 'm');
    await end(run);
    expect([run.sink.events.size, run.dropped, run.clock.timers]).toEqual([3, [], 0]);

    const slow = start();
    slow.sink.hangs = true;
    for (const name of ['a', 'b', 'c']) slow.recorder.event(regarding(name), 'Normal', 'R', 'm');
    slow.stop.abort();
    await slow.clock.advance(1999);
    expect(slow.dropped).toEqual([]);
    await slow.clock.advance(1);
    await slow.running;
    expect(slow.dropped.map(({ why }) => why)).toEqual(['stopped', 'stopped', 'stopped']);
  });

  test('long names and messages are cut to what the API takes; cluster-scoped objects have events in default', async () => {
    const run = start();
    const name = `${'x'.repeat(232)}.-${'y'.repeat(19)}`;
    run.recorder.event({ ...regarding(name), namespace: undefined }, 'Normal', 'R', 'm'.repeat(2000));
    await run.idle();
    const [event] = run.sink.events.values();
    expect(event?.metadata.namespace).toBe('default');
    expect(event?.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    expect(event?.metadata.name.length).toBeLessThanOrEqual(253);
    expect(event?.metadata.name).not.toMatch(/[-.]\./);
    expect(event?.message.length).toBe(1024);
    expect(event?.involvedObject).not.toHaveProperty('namespace');
    await end(run);
  });
});
